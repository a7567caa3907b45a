// npm run bench -- <name>: runs one bench and prints its lines of JSON.

import { listMillion } from './list_million.ts';
import { listStations } from './list_stations.ts';
import { token } from './token.ts';

const benches: Record<string, () => Promise<void>> = {
  list_million: listMillion,
  list_stations: listStations,
  token,
};
const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(`Name a bench: ${Object.keys(benches).join(', ')}\n`);
  process.exitCode = 1;
} else {
  await bench();
}
