// A program of its own, run by simulated_fleet.test.ts: it ends only if no socket and no timer is left.

import { simulatedStationIdentity, startFleet } from '../src/index.ts';

const url = process.argv[2] ?? '';
const stations = [1, 2, 3].map((n) => simulatedStationIdentity(n));
const fleet = startFleet({ url, stations });
await fleet.allBooted;
const { booted } = fleet.state;
await fleet.close();
console.log(`${booted} booted, closed`);
