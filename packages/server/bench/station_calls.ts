// Calls of 1 000 stations, 64 of them at a time, each answered when it is durable, against an echo of the same frames: the
// mix is of heartbeats, reports, meter values and transactions. Server and generator are processes of their own. With READ=1
// events are written of all of it.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBenchDatabase } from './bench_database.ts';
import type { BenchDatabase } from './bench_database.ts';
import { startBenchServer } from './bench_server.ts';
import type { BenchServer } from './bench_server.ts';
import { aTenantWithStations } from './bench_tenant.ts';
import { aboutThisRun, median } from './measure.ts';
import type { FleetRun, FleetResult } from './station_fleet.ts';

const fleetOf = 1_000;
const rounds = Number(process.env.R ?? 5);
const seconds = Number(process.env.S ?? 5);

export async function stationCalls(): Promise<void> {
  const database = await openBenchDatabase();
  await aTenantWithStations(database, fleetOf);
  if (process.env.READ) await database.superuser.query(`update tenants set events_read_until = 'infinity'`);
  const server = await startBenchServer(database.connection);
  const echo = childOf('echo_server.ts');
  const [echoPort] = (await once(echo, 'message')) as [number];
  try {
    const targets = [
      { name: 'echo of the frame', url: `ws://127.0.0.1:${echoPort}` },
      { name: 'durable calls', url: `${server.origin.replace('http', 'ws')}/ocpp/bench` },
    ];
    await measureCalls('station_calls', targets, { stations: fleetOf, server, database });
  } finally {
    echo.kill();
    server.stop();
    await database.close();
  }
}

/** Measures, and prints a line of JSON per target. Ratios are to the first target. */
export async function measureCalls(
  bench: string,
  targets: readonly { readonly name: string; readonly url: string }[],
  {
    stations,
    server,
    database,
  }: { stations: number; server: Pick<BenchServer, 'cpuSeconds'>; database: BenchDatabase },
): Promise<void> {
  const fleet = childOf('station_fleet.ts');
  const results = targets.map(() => [] as (FleetResult & { node: number; postgres: number })[]);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, { url }] of targets.entries()) {
        await runOf(fleet, { url, stations, seconds: 1 });
        const [node, postgres] = [await server.cpuSeconds(), (await database.cpuSeconds()) ?? Number.NaN];
        const result = await runOf(fleet, { url, stations, seconds });
        results[at]?.push({
          ...result,
          node: (await server.cpuSeconds()) - node,
          postgres: ((await database.cpuSeconds()) ?? Number.NaN) - postgres,
        });
      }
    }
    for (const [at, { name }] of targets.entries()) {
      const of = results[at] ?? [];
      const perCall = (spent: (one: (typeof of)[number]) => number) =>
        Math.round(median(of.map((one) => (spent(one) / one.calls) * 1e6)));
      const line = {
        bench,
        target: name,
        ...aboutThisRun(),
        n: of.reduce((sum, { calls }) => sum + calls, 0),
        stations,
        unit: 'ms',
        p50: median(of.map(({ p50 }) => p50)),
        p99: median(of.map(({ p99 }) => p99)),
        perSecond: Math.round(median(of.map(({ calls }) => calls / seconds))),
        ratio: median(of.map(({ calls }, round) => calls / (results[0]?.[round]?.calls ?? Number.NaN))),
        nodeMicroseconds: perCall(({ node }) => node),
        postgresMicroseconds: perCall(({ postgres }) => postgres),
        failed: of.reduce((sum, { failed }) => sum + failed, 0),
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  } finally {
    fleet.kill();
  }
}

function childOf(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: 'inherit' });
}

async function runOf(fleet: ChildProcess, run: FleetRun): Promise<FleetResult> {
  fleet.send(run);
  const [result] = (await once(fleet, 'message')) as [FleetResult];
  return result;
}
