// Synchronous remote commands, sent at a steady rate whether the earlier ones have ended or not, to stations of the process
// that is asked and to those of another one: from the request to the station's answer in the response.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'node:http';
import { hashedSecret } from '../src/domain/index.ts';
import { newClientId, newSecret } from '../src/ids.ts';
import type { AnsweringStations } from './answering_stations.ts';
import { openBenchDatabase } from './bench_database.ts';
import { startBenchServer } from './bench_server.ts';
import { aTenantWithStations, tokenUrl } from './bench_tenant.ts';
import { aboutThisRun, median } from './measure.ts';

const stations = 1_000;
const seconds = Number(process.env.S ?? 10);
// Each may have ten synchronous commands under way.
const clients = 40;

type Target = {
  readonly name: string;
  readonly perSecond: number;
  readonly stationsOf: (at: number) => boolean;
};

export async function remoteCommands(): Promise<void> {
  const database = await openBenchDatabase();
  const { tenantId } = await aTenantWithStations(database, stations);
  const servers = [
    await startBenchServer(database.connection, 'bench/1'),
    await startBenchServer(database.connection, 'bench/2'),
  ];
  const [origin = ''] = servers.map((server) => server.origin);
  const fleet = fork(fileURLToPath(new URL('answering_stations.ts', import.meta.url)), { stdio: 'inherit' });
  try {
    const urls = servers.map((server) => `${server.origin.replace('http', 'ws')}/ocpp/bench`);
    fleet.send({ urls, stations } satisfies AnsweringStations);
    await once(fleet, 'message');
    const tokens: string[] = [];
    for (let at = 0; at < clients; at += 1) {
      const client = { clientId: newClientId(), clientSecret: newSecret() };
      await database.superuser.query(
        `insert into api_clients (tenant_id, client_id, name, secret_hash, scopes, created_at, updated_at)
         values ($1, $2, 'Bench', $3, '{cpoapi:*}', now(), now())`,
        [tenantId, client.clientId, hashedSecret(client.clientSecret)],
      );
      const answer = await fetch(tokenUrl(origin, client), { method: 'POST' });
      tokens.push(((await answer.json()) as { access_token: string }).access_token);
    }
    const { rows } = await database.superuser.query<{ id: string }>(
      `select id from charging_stations order by substr(identity, 4)::integer`,
    );
    const targets: Target[] = [
      { name: 'stations of this process, 50/s', perSecond: 50, stationsOf: (at) => at % 2 === 0 },
      { name: 'stations of the other process, 50/s', perSecond: 50, stationsOf: (at) => at % 2 === 1 },
      { name: 'stations of both, 1000/s', perSecond: 1_000, stationsOf: () => true },
    ];
    const agent = new Agent({ keepAlive: true, maxSockets: 400 });
    for (const target of targets) {
      const ids = rows.filter((_, at) => target.stationsOf(at)).map(({ id }) => id);
      await run(target, { ids, tokens, agent, origin, forMs: 2_000 });
      const cpuBefore = await cpuOf(servers, database);
      const { times, failed } = await run(target, { ids, tokens, agent, origin, forMs: seconds * 1_000 });
      const cpu = (await cpuOf(servers, database)).map((each, at) => each - (cpuBefore[at] ?? 0));
      const inOrder = times.toSorted((one, other) => one - other);
      const line = {
        bench: 'remote_commands',
        target: target.name,
        ...aboutThisRun(),
        n: times.length,
        unit: 'ms',
        p50: median(times),
        p99: inOrder[Math.floor(inOrder.length * 0.99)],
        within250ms: inOrder.filter((ms) => ms <= 250).length / inOrder.length,
        perSecond: Math.round(times.length / seconds),
        microsecondsOfServersAndPostgres: cpu.map((each) => Math.round((each / times.length) * 1e6)),
        failed,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    agent.destroy();
  } finally {
    fleet.kill();
    for (const server of servers) server.stop();
    await database.close();
  }
}

async function cpuOf(
  servers: readonly { cpuSeconds(): Promise<number> }[],
  database: { cpuSeconds(): Promise<number | undefined> },
): Promise<number[]> {
  const ofServers = await Promise.all(servers.map((server) => server.cpuSeconds()));
  return [...ofServers, (await database.cpuSeconds()) ?? Number.NaN];
}

type Run = {
  readonly ids: readonly string[];
  readonly tokens: readonly string[];
  readonly agent: Agent;
  readonly origin: string;
  readonly forMs: number;
};

async function run({ perSecond }: Target, { ids, tokens, agent, origin, forMs }: Run) {
  const times: number[] = [];
  let failed = 0;
  const underWay: Promise<void>[] = [];
  const begin = performance.now();
  const total = (perSecond * forMs) / 1_000;
  for (let at = 0; at < total; at += 1) {
    const due = begin + (at * 1_000) / perSecond;
    const leftMs = due - performance.now();
    if (leftMs > 0) await delay(leftMs);
    const id = ids[(at * 7) % ids.length] ?? '';
    const path = `/api/cpoapi/v1/remote_commands/synchronous/${id}/clear_cache`;
    underWay.push(
      ask(origin + path, tokens[at % tokens.length] ?? '', agent).then((status) => {
        // From when it was due: whoever is late in sending does not look better for it.
        times.push(performance.now() - due);
        if (status !== 200) failed += 1;
        return undefined;
      }),
    );
  }
  await Promise.all(underWay);
  return { times, failed };
}

function ask(url: string, token: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers: { authorization: token } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
