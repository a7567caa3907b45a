// kill -9 of the server, its workers and PostgreSQL while a fleet charges: what was acknowledged is there afterwards, exactly
// once. KILLS_OF_SERVER, KILLS_OF_WORKERS and KILLS_OF_POSTGRES ask for more than the usual few.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedPostgres } from '../../src/store/index.ts';
import { anInstallation, chargeyard, isRunning, workerPids } from '../chargeyard_process.ts';
import type { ChargeyardProcess, Installation } from '../chargeyard_process.ts';
import { chargingFleet } from './charging_fleet.ts';
import type { Fleet, Journal } from './charging_fleet.ts';
import { installStations } from './installed_stations.ts';

const stations = 20;
const killsOfServer = Number(process.env['KILLS_OF_SERVER'] ?? 3);
const killsOfWorkers = Number(process.env['KILLS_OF_WORKERS'] ?? 4);
const killsOfPostgres = Number(process.env['KILLS_OF_POSTGRES'] ?? 2);
const callsBetweenKills = 200;

const identities = Array.from({ length: stations }, (_, at) => `cp_${at + 1}`);
let installation: Installation;
let dataFolder: string;

const openedPostgres = () => openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });

beforeEach(async () => {
  installation = await anInstallation();
  dataFolder = installation.environment['CHARGEYARD_DATA'] ?? '';
  await installStations(dataFolder, 'acme', identities);
});
afterEach(() => installation.remove());

async function startedServer(...options: string[]): Promise<ChargeyardProcess> {
  const server = chargeyard(['serve', ...options], installation.environment);
  await server.printed(/Chargeyard serves/);
  return server;
}

async function killPostgres(): Promise<void> {
  const file = await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8');
  process.kill(Number(file.split('\n')[0]), 'SIGKILL');
}

type Found = {
  readonly boots: Map<string, string>;
  readonly reports: Map<string, string>;
  readonly transactions: { identity: string; id: number; start: number; stop: number | null; by: string }[];
  readonly readings: { identity: string; reading: number }[];
};

async function found(): Promise<Found> {
  const postgres = await openedPostgres();
  const { database } = postgres.connection;
  const client = new Client({
    ...postgres.superuserConnection,
    ...(database === undefined ? {} : { database }),
  });
  await client.connect();
  const rows = async <Row>(text: string) => (await client.query(text)).rows as Row[];
  try {
    const boots = await rows<{ identity: string; value: string }>(
      'select identity, serial_number as value from charging_stations',
    );
    const reports = await rows<{ identity: string; value: string }>(
      'select s.identity, c.info as value from connectors c join charging_stations s on s.id = c.charging_station_id',
    );
    return {
      boots: new Map(boots.map(({ identity, value }) => [identity, value])),
      reports: new Map(reports.map(({ identity, value }) => [identity, value])),
      transactions: await rows(
        `select s.identity, t.id, t.meter_start_wh::int as start, t.meter_stop_wh::int as stop, t.ended_by as by
         from transactions t join charging_stations s on s.id = t.charging_station_id`,
      ),
      readings: await rows(
        `select s.identity, (m.samples -> 0 ->> 'value')::int as reading
         from meter_values m join charging_stations s on s.id = m.charging_station_id`,
      ),
    };
  } finally {
    await client.end();
    await postgres.close();
  }
}

/** All was said again until it was acknowledged, so what is there is what was acknowledged, no more and no less. */
function expectExactly(
  journals: readonly Journal[],
  { boots, reports, transactions, readings }: Found,
): void {
  const said = (of: (journal: Journal) => string[]) => journals.flatMap(of).toSorted();
  for (const { identity, boot, report } of journals) {
    expect([boots.get(identity), reports.get(identity)], identity).toEqual([boot, report]);
  }
  expect(transactions.map(({ identity, id, start }) => `${identity}/${start}/${id}`).toSorted()).toEqual(
    said(({ identity, starts }) => [...starts].map(([start, id]) => `${identity}/${start}/${id}`)),
  );
  expect(
    transactions.map(({ identity, id, stop, by }) => `${identity}/${id}/${stop}/${by}`).toSorted(),
  ).toEqual(
    said(({ identity, stops }) => [...stops].map(([id, stop]) => `${identity}/${id}/${stop}/station`)),
  );
  expect(readings.map(({ identity, reading }) => `${identity}/${reading}`).toSorted()).toEqual(
    said(({ identity, readings: of }) => [...of].map((reading) => `${identity}/${reading}`)),
  );
}

async function afterKills(kill: () => Promise<void>, kills: number): Promise<Fleet> {
  const port = installation.environment['CHARGEYARD_PORT'];
  const fleet = chargingFleet(`ws://localhost:${port}/ocpp/acme`, identities);
  for (let killed = 0; killed < kills; killed += 1) {
    await fleet.acknowledgedMore(callsBetweenKills);
    await kill();
  }
  await fleet.acknowledgedMore(callsBetweenKills);
  await fleet.stop();
  return fleet;
}

describe('what was acknowledged is there, exactly once', () => {
  it('after kill -9 of the server and of PostgreSQL', async () => {
    let server = await startedServer();
    let [ofServer, ofPostgres] = [0, 0];
    const fleet = await afterKills(async () => {
      if (ofPostgres < killsOfPostgres && ofPostgres <= ofServer) {
        ofPostgres += 1;
        await killPostgres();
        return;
      }
      ofServer += 1;
      server.child.kill('SIGKILL');
      await server.exitCode;
      server = await startedServer();
    }, killsOfServer + killsOfPostgres);
    server.child.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
    const there = await found();
    expectExactly(fleet.journals, there);
    const { transactions, readings } = there;
    process.stdout.write(
      `killed: server ${ofServer}, PostgreSQL ${ofPostgres}; acknowledged: ${fleet.acknowledged()} calls; ` +
        `found: ${transactions.length} transactions, ${readings.length} meter values\n`,
    );
  }, 3_600_000);

  it('after kill -9 of workers, whose stations go to others, and of PostgreSQL below them', async () => {
    const server = await startedServer('--workers', '2');
    let [killed, ofPostgres] = [0, 0];
    const fleet = await afterKills(async () => {
      if (ofPostgres < killsOfPostgres && ofPostgres <= killed) {
        ofPostgres += 1;
        await killPostgres();
        return;
      }
      const running = workerPids(server).filter(isRunning);
      process.kill(running[killed % running.length] ?? 0, 'SIGKILL');
      killed += 1;
    }, killsOfWorkers + killsOfPostgres);
    server.child.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
    const there = await found();
    expectExactly(fleet.journals, there);
    const { transactions, readings } = there;
    process.stdout.write(
      `killed: workers ${killed}, PostgreSQL ${ofPostgres}; acknowledged: ${fleet.acknowledged()} calls; ` +
        `found: ${transactions.length} transactions, ${readings.length} meter values\n`,
    );
  }, 3_600_000);
});
