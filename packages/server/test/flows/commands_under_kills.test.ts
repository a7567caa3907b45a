// Remote commands from three processes of the server, to stations that hop between them, while the processes are killed:
// each command ends once, no station gets one twice, none is lost. COMMANDS asks for more than the usual few.

import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { anInstallation, chargeyard } from '../chargeyard_process.ts';
import type { ChargeyardProcess, Installation } from '../chargeyard_process.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';
import { hoppingStations } from './hopping_stations.ts';

const commands = Number(process.env['COMMANDS'] ?? 600);
const stations = Number(process.env['STATIONS'] ?? 60);
const commandsBetweenKills = Number(process.env['COMMANDS_BETWEEN_KILLS'] ?? 150);
const callers = 24;
const timeoutSeconds = 5;

let database: TestDatabase;
let tenant: { id: string; slug: string };
let processes: { installation: Installation; origin: string; running: ChargeyardProcess }[];
let tokens: string[];
const ids: string[] = [];
const identities: string[] = [];

async function started(installation: Installation): Promise<ChargeyardProcess> {
  const running = chargeyard(['serve'], installation.environment);
  await running.printed(/Chargeyard serves/);
  return running;
}

beforeAll(async () => {
  database = await testDatabase();
  const store = await openStore({
    connection: database.connection,
    log: pino({ level: 'silent' }),
    newId,
    maxConnections: 2,
  });
  tenant = await aTenant(store);
  for (let at = 0; at < stations; at += 1) {
    const station = await aChargingStation(store, tenant.id);
    ids.push(station.id);
    identities.push(station.identity);
  }
  const clients = [];
  for (let at = 0; at < callers; at += 1) clients.push(await anApiClient(store, tenant.id));
  await store.close();
  const { host, user, password, database: name } = database.connection;
  const secret = encodeURIComponent(String(password));
  const url = `postgres://${user}:${secret}@localhost/${name}?host=${encodeURIComponent(String(host))}`;
  processes = [];
  for (const node of ['one', 'two', 'three']) {
    const installation = await anInstallation();
    Object.assign(installation.environment, {
      DATABASE_URL: url,
      CHARGEYARD_NODE: node,
      CHARGEYARD_REQUESTS_PER_MINUTE: '0',
    });
    const origin = `http://localhost:${installation.environment['CHARGEYARD_PORT']}`;
    processes.push({ installation, origin, running: await started(installation) });
  }
  tokens = [];
  for (const client of clients) tokens.push(await anAccessToken(String(processes[0]?.origin), client));
}, 60_000);

afterAll(async () => {
  for (const { running, installation } of processes ?? []) {
    running.child.kill('SIGKILL');
    await running.exitCode;
    await installation.remove();
  }
  await database?.drop();
});

type Told = { readonly id: string; readonly state: string };
type Row = { id: string; state: string; error_code: string | null; is_finished: boolean };

/** Sends a command, and answers what was told of it; undefined where the process died before it answered. */
async function send(at: number): Promise<Told | undefined> {
  const mode = at % 2 === 0 ? 'synchronous' : 'asynchronous';
  const { origin = '' } = processes[at % processes.length] ?? {};
  try {
    const answer = await fetch(
      `${origin}/api/cpoapi/v1/remote_commands/${mode}/${ids[(at * 7) % ids.length]}/clear_cache`,
      {
        method: 'POST',
        headers: { authorization: tokens[at % tokens.length] ?? '', 'content-type': 'application/json' },
        body: JSON.stringify({ timeoutSeconds }),
      },
    );
    const body = (await answer.json()) as {
      data?: { id: string; attributes: { state: string } };
      errors?: [{ code: string; links?: { about: string } }];
    };
    const id = body.data?.id ?? body.errors?.[0].links?.about.split('/').at(-1);
    // Ten at most of a caller, and a server that has just come back, make no command.
    if (id === undefined) return undefined;
    return { id, state: mode === 'asynchronous' ? 'any' : (body.data?.attributes.state ?? 'not answered') };
  } catch {
    return undefined;
  }
}

const rows = () =>
  database.look<Row>(
    `select id, state, error_code, finished_at is not null as is_finished from remote_commands where tenant_id = $1`,
    [tenant.id],
  );

it('ends each command once, sends none twice, and loses none', async () => {
  const endpoints = processes.map(({ origin }) => `${origin.replace('http', 'ws')}/ocpp/${tenant.slug}`);
  const fleet = hoppingStations(endpoints, identities);
  let kills = 0;
  let restarting: Promise<void> = Promise.resolve();
  const kill = async (): Promise<void> => {
    const killed = processes[kills % processes.length];
    if (killed === undefined) return;
    kills += 1;
    killed.running.child.kill('SIGKILL');
    await killed.running.exitCode;
    killed.running = await started(killed.installation);
  };

  const told: Told[] = [];
  let next = 0;
  async function callInTurn(): Promise<void> {
    while (next < commands) {
      const at = next;
      next += 1;
      if (at % commandsBetweenKills === commandsBetweenKills - 1) restarting = restarting.then(kill);
      const answer = await send(at);
      if (answer !== undefined) told.push(answer);
      else await delay(20);
    }
  }
  await Promise.all(Array.from({ length: callers }, callInTurn));
  await restarting;

  let found = await rows();
  for (let tries = 0; found.some(({ is_finished }) => !is_finished) && tries < 200; tries += 1) {
    await delay(100);
    found = await rows();
  }
  await fleet.stop();

  const byId = new Map(found.map((row) => [row.id, row]));
  const counts = Map.groupBy(
    found,
    ({ state, error_code }) => `${state}${error_code ? `/${error_code}` : ''}`,
  );
  const summary = [...counts].map(([state, of]) => `${of.length} ${state}`).join(', ');
  process.stdout.write(
    `${commands} requests, ${told.length} answered, ${kills} kills, ${fleet.connections()} connections; ` +
      `${found.length} commands: ${summary}; ${fleet.received.size} reached a station\n`,
  );
  expect(found.filter(({ is_finished }) => !is_finished)).toEqual([]);
  expect([...fleet.received].filter(([, times]) => times > 1)).toEqual([]);
  // What was answered is there, and is what was told.
  expect(told.filter(({ id }) => !byId.has(id))).toEqual([]);
  const isTrue = ({ id, state }: Told) =>
    state === 'any' || (byId.get(id)?.state === 'finished') === (state === 'finished');
  expect(told.filter((each) => !isTrue(each))).toEqual([]);
  // What reached a station was known as sent before, and what was answered had reached one.
  expect([...fleet.received.keys()].filter((id) => !byId.has(id))).toEqual([]);
  const unsent = found.filter(({ error_code }) => error_code === 'station_not_connected');
  expect(unsent.filter(({ id }) => fleet.received.has(id))).toEqual([]);
  const finished = found.filter(({ state }) => state === 'finished');
  expect(finished.filter(({ id }) => !fleet.received.has(id))).toEqual([]);
  expect(finished.length).toBeGreaterThan(found.length / 4);
}, 3_600_000);
