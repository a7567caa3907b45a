// The look-up at the door when a fleet comes back at once: ten thousand stations, looked up together, and each by itself
// over the same connections, as many at a time as there are connections.

import { pino } from 'pino';
import { openDatabase } from '../src/store/database.ts';
import { stationAccessIn } from '../src/store/station_access.ts';
import { openBenchDatabase } from './bench_database.ts';
import { aTenantWithStations } from './bench_tenant.ts';
import { aboutThisRun, median } from './measure.ts';

const stations = 10_000;
const rounds = 7;
const connections = 10;

export async function stationAccess(): Promise<void> {
  const bench = await openBenchDatabase();
  await aTenantWithStations(bench, stations);
  const { rows } = await bench.superuser.query<{ slug: string; identity: string }>(
    'select t.slug, s.identity from charging_stations s join tenants t on t.id = s.tenant_id',
  );
  const log = pino({ level: 'silent' });
  const database = openDatabase({ connection: bench.connection, log, maxConnections: connections });
  const together = stationAccessIn(database);
  const ways = {
    'each by itself': async () => {
      const pending = rows.values();
      await Promise.all(
        Array.from({ length: connections }, async () => {
          for (const { slug, identity } of pending) await stationAccessIn(database)(slug, identity);
        }),
      );
    },
    together: () => Promise.all(rows.map(({ slug, identity }) => together(slug, identity))),
  };
  const results = Object.values(ways).map(() => [] as { ms: number; node: number; postgres: number }[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, lookUpAll] of Object.values(ways).entries()) {
      const [start, cpu, postgres] = [performance.now(), process.cpuUsage(), await bench.cpuSeconds()];
      await lookUpAll();
      const { user, system } = process.cpuUsage(cpu);
      results[at]?.push({
        ms: performance.now() - start,
        node: (user + system) / stations,
        postgres: ((((await bench.cpuSeconds()) ?? Number.NaN) - (postgres ?? Number.NaN)) / stations) * 1e6,
      });
    }
  }
  for (const [at, name] of Object.keys(ways).entries()) {
    const of = results[at] ?? [];
    const line = {
      bench: 'station_access',
      target: name,
      ...aboutThisRun(),
      n: stations * rounds,
      unit: 'ms until all are known',
      p50: Math.round(median(of.map(({ ms }) => ms))),
      ratio: Number(
        median(of.map(({ ms }, round) => (results[0]?.[round]?.ms ?? Number.NaN) / ms)).toFixed(1),
      ),
      nodeMicroseconds: Math.round(median(of.map(({ node }) => node))),
      postgresMicroseconds: Math.round(median(of.map(({ postgres }) => postgres))),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  await database.close();
  await bench.close();
}
