// Interleaved rounds against several targets, so that a ratio compares what ran in the same seconds; medians.

import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import autocannon from 'autocannon';
import type { BenchDatabase } from './bench_database.ts';
import type { BenchServer } from './bench_server.ts';

export type Target = {
  readonly name: string;
  /** Asked each in turn. */
  readonly urls: readonly string[];
  /** Each connection asks one of them, again and again, so that no two ask the same. */
  readonly isOnePerConnection?: true;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
};

const rounds = Number(process.env.R ?? 5);
const seconds = Number(process.env.S ?? 4);
const connections = 10;

/** Measures, and prints a line of JSON per target. Ratios are to the first target. */
export async function measure(
  bench: string,
  targets: readonly Target[],
  { server, database }: { server: Pick<BenchServer, 'cpuSeconds'>; database: BenchDatabase },
): Promise<void> {
  const results = targets.map(() => [] as Awaited<ReturnType<typeof one>>[]);
  for (const target of targets) await load(target, 1);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, target] of targets.entries()) results[at]?.push(await one(target, server, database));
  }
  const reference = results[0]?.map(({ perSecond }) => perSecond) ?? [];
  for (const [at, { name }] of targets.entries()) {
    const of = results[at] ?? [];
    const line = {
      bench,
      target: name,
      ...aboutThisRun(),
      n: of.reduce((sum, { n }) => sum + n, 0),
      connections,
      unit: 'ms',
      p50: median(of.map(({ p50 }) => p50)),
      p97_5: median(of.map(({ p97 }) => p97)),
      p99: median(of.map(({ p99 }) => p99)),
      perSecond: Math.round(median(of.map(({ perSecond }) => perSecond))),
      ratio: round3(median(of.map(({ perSecond }, round) => perSecond / (reference[round] ?? Number.NaN)))),
      nodeMicroseconds: Math.round(median(of.map(({ node }) => node))),
      postgresMicroseconds: Math.round(median(of.map(({ postgres }) => postgres))),
      failed: of.reduce((sum, { failed }) => sum + failed, 0),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

/** What a figure is never quoted without. */
export function aboutThisRun(): { commit: string; machine: string } {
  return {
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
  };
}

async function one(target: Target, server: Pick<BenchServer, 'cpuSeconds'>, database: BenchDatabase) {
  const [node, postgres] = [await server.cpuSeconds(), (await database.cpuSeconds()) ?? Number.NaN];
  const result = await load(target, seconds);
  const n = result.requests.total;
  return {
    n,
    p50: result.latency.p50,
    p97: result.latency.p97_5,
    p99: result.latency.p99,
    perSecond: result.requests.average,
    node: (((await server.cpuSeconds()) - node) / n) * 1e6,
    postgres: ((((await database.cpuSeconds()) ?? Number.NaN) - postgres) / n) * 1e6,
    failed: result.non2xx + result.errors + result.timeouts,
  };
}

function load({ urls, isOnePerConnection, method = 'GET', headers = {} }: Target, duration: number) {
  const paths = urls.map((url) => new URL(url));
  const requests = paths.map(({ pathname, search }) => ({ path: pathname + search, method, headers }));
  let opened = 0;
  const setupClient = (client: autocannon.Client) => {
    if (isOnePerConnection) client.setRequests(requests.slice(opened % requests.length).slice(0, 1));
    opened += 1;
  };
  return autocannon({ url: paths[0]?.origin ?? '', requests, setupClient, connections, duration });
}

/** CPU seconds that this process has used so far. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const round3 = (value: number) => Math.round(value * 1000) / 1000;
