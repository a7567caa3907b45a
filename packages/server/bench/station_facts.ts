// Groups of 500 reports, each of another connector, from the store's door until they are committed: what errors cost
// where there are none, and where there are some.

import { pino } from 'pino';
import type { ConnectorReported, StationReference } from '../src/domain/index.ts';
import { newId } from '../src/ids.ts';
import { openStore } from '../src/store/index.ts';
import { openBenchDatabase } from './bench_database.ts';
import { aTenantWithStations } from './bench_tenant.ts';
import { aboutThisRun, median, ownCpuSeconds } from './measure.ts';

const reports = 500;
const rounds = 100;

type Connected = Pick<StationReference, 'chargingStationId' | 'connectionId'>;

export async function stationFacts(): Promise<void> {
  const database = await openBenchDatabase();
  const { tenantId } = await aTenantWithStations(database, reports);
  const { rows: stations } = await database.superuser.query<Connected>(
    'select charging_station_id as "chargingStationId", connection_id as "connectionId" from station_connections',
  );
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection: database.connection, log, newId, maxConnections: 2 });
  const report = (station: Connected, isFaulty: boolean): ConnectorReported => ({
    kind: 'connector_reported',
    tenantId,
    ...station,
    connectorNumber: 1,
    status: isFaulty ? 'Faulted' : 'Available',
    errorCode: isFaulty ? 'GroundFailure' : 'NoError',
    vendorErrorCode: undefined,
    vendorId: undefined,
    info: undefined,
    at: new Date(),
    receivedAt: new Date(),
  });
  const cases: [string, (round: number, number: number) => boolean][] = [
    ['without a fault', () => false],
    ['every tenth with a fault, ended by the next group', (round, number) => number % 10 === round % 2],
    ['every one with a fault, ended by the next group', (round) => round % 2 === 0],
  ];
  try {
    for (const [name, isFaulty] of cases) {
      const group = async (round: number) => {
        const facts = stations.map((station, number) => report(station, isFaulty(round, number)));
        const begin = performance.now();
        await Promise.all(facts.map((fact) => store.stationFacts.record(fact)));
        return performance.now() - begin;
      };
      // The first ones plan the statements and make the connectors.
      for (let round = 0; round < 10; round += 1) await group(round);
      const cpuSeconds = async () => [ownCpuSeconds(), (await database.cpuSeconds()) ?? Number.NaN] as const;
      const [nodeBefore, postgresBefore] = await cpuSeconds();
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) times.push(await group(round));
      const [node, postgres] = await cpuSeconds();
      const perGroup = (seconds: number) => Math.round((seconds / rounds) * 1e6);
      const line = {
        bench: 'station_facts',
        target: `${reports} reports, ${name}`,
        ...aboutThisRun(),
        n: rounds,
        unit: 'ms',
        p50: Math.round(median(times) * 100) / 100,
        nodeMicroseconds: perGroup(node - nodeBefore),
        postgresMicroseconds: perGroup(postgres - postgresBefore),
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  } finally {
    await store.close();
    await database.close();
  }
}
