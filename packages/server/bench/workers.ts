// What a second process brings: the server with one process and with two, as its users run it, side by side on one database.
// Pages of 100 stations, and new connections, each with a page (the CPU that handing a connection on costs; autocannon counts
// the wait for a connection among the latencies there).

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClientConfig } from 'pg';
import { openBenchDatabase } from './bench_database.ts';
import { aTenantWithStations, tokenUrl } from './bench_tenant.ts';
import { measure } from './measure.ts';
import { measureCalls } from './station_calls.ts';

const stations = 1_000;
const page = '/api/cpoapi/v1/charging_stations/?page%5Blimit%5D=100';
const command = fileURLToPath(new URL('../bin/chargeyard.js', import.meta.url));

export async function workers(): Promise<void> {
  const database = await openBenchDatabase();
  const client = await aTenantWithStations(database, stations);
  const servers = await Promise.all([1, 2].map((count) => startServer(database.connection, count)));
  const cpuSeconds = async () => {
    const spent = await Promise.all(servers.map(({ child }) => cpuSecondsOf(child.pid ?? 0)));
    return spent.reduce((sum, one) => sum + one, 0);
  };
  try {
    const answer = await fetch(tokenUrl(servers[0]?.origin ?? '', client), { method: 'POST' });
    const { access_token: accessToken } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    await measure(
      'workers',
      servers.flatMap(({ name, origin }) => [
        { name: `${name}: page of 100`, urls: [origin + page], headers },
        {
          name: `${name}: page of 100, a connection each`,
          urls: [origin + page],
          headers: { ...headers, connection: 'close' },
        },
      ]),
      { server: { cpuSeconds }, database },
    );
    await measureCalls(
      'workers',
      servers.map(({ name, origin }) => ({
        name: `${name}: durable calls`,
        url: `${origin.replace('http', 'ws')}/ocpp/bench`,
      })),
      { stations, server: { cpuSeconds }, database },
    );
  } finally {
    for (const { child } of servers) child.kill('SIGTERM');
    await Promise.all(servers.map(({ child }) => once(child, 'close')));
    await database.close();
  }
}

async function startServer(connection: ClientConfig, count: number) {
  const { user = '', password, database = '', host = '' } = connection;
  const databaseUrl = `postgres://${user}:${encodeURIComponent(String(password))}@localhost/${database}`;
  const child = spawn(process.execPath, [command, 'serve', '--workers', String(count), '--json'], {
    env: {
      ...process.env,
      DATABASE_URL: `${databaseUrl}?host=${encodeURIComponent(host)}`,
      CHARGEYARD_NODE: `with-${count}`,
      CHARGEYARD_PORT: '0',
      CHARGEYARD_REQUESTS_PER_MINUTE: '0',
      CHARGEYARD_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    child,
    name: count === 1 ? '1 process' : `${count} workers`,
    origin: url.replace('localhost', '127.0.0.1'),
  };
}

/** Of a process and its children, from /proc. */
async function cpuSecondsOf(pid: ChildProcess['pid'] & number): Promise<number> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  return stats
    .map((stat) => ({
      id: Number(stat.split(' ')[0]),
      field: stat.slice(stat.lastIndexOf(')') + 2).split(' '),
    }))
    .filter(({ id, field }) => id === pid || Number(field[1]) === pid)
    .reduce((sum, { field }) => sum + (Number(field[11]) + Number(field[12])) / 100, 0);
}
