// npm run bench -- <name>: runs one bench and prints its lines of JSON.

import { communicationLog } from './communication_log.ts';
import { importOcpi } from './import_ocpi.ts';
import { listMillion } from './list_million.ts';
import { listStations } from './list_stations.ts';
import { remoteCommands } from './remote_commands.ts';
import { stationCalls } from './station_calls.ts';
import { stationAccess } from './station_access.ts';
import { stationFacts } from './station_facts.ts';
import { token } from './token.ts';
import { workers } from './workers.ts';

const benches: Record<string, () => Promise<void>> = {
  communication_log: communicationLog,
  import_ocpi: importOcpi,
  list_million: listMillion,
  list_stations: listStations,
  remote_commands: remoteCommands,
  station_calls: stationCalls,
  station_access: stationAccess,
  station_facts: stationFacts,
  token,
  workers,
};
const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(`Name a bench: ${Object.keys(benches).join(', ')}\n`);
  process.exitCode = 1;
} else {
  await bench();
}
