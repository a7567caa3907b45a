// kill -9 of the server while a fleet charges and a webhook is delivered: of what was acknowledged, no event is missing at the
// receiver, and those of a station are in their order.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anAccessToken } from '../builders.ts';
import { anInstallation, chargeyard, run } from '../chargeyard_process.ts';
import type { ChargeyardProcess, Installation } from '../chargeyard_process.ts';
import { base } from '../cpoapi/caller.ts';
import { aReceiver } from '../events/receiver.ts';
import type { Received, Receiver } from '../events/receiver.ts';
import { chargingFleet } from './charging_fleet.ts';
import type { Journal } from './charging_fleet.ts';
import { installStations } from './installed_stations.ts';

const kills = 3;
const callsBetweenKills = 150;
const identities = Array.from({ length: 10 }, (_, at) => `cp_${at + 1}`);
let installation: Installation;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await aReceiver();
  const { environment, ...rest } = await anInstallation();
  installation = {
    ...rest,
    environment: { ...environment, CHARGEYARD_WEBHOOKS_TO_PRIVATE_NETWORKS: 'yes' },
  };
  await installStations(environment['CHARGEYARD_DATA'] ?? '', 'acme', identities);
});
afterAll(async () => {
  await installation.remove();
  await receiver.close();
});

async function startedServer(): Promise<ChargeyardProcess> {
  const server = chargeyard(['serve'], installation.environment);
  await server.printed(/Chargeyard serves/);
  return server;
}

type Told = { transactionId: number; meterStartWh: number; meterStopWh: number; endedBy: string };

/** What was told of a type, each event once, in the order in which it came first: [station, what it told]. */
function toldOf(received: readonly Received[], type: string): [string, Told][] {
  const events = new Map(received.map(({ event }) => [event.id, event]));
  return [...events.values()].filter((event) => event.type === type).map(({ cpId, data }) => [cpId, data]);
}

const startsOf = ({ starts }: Journal) => [...starts].map(([meterStart, id]) => `${id}/${meterStart}`);

describe('events', () => {
  it('arrive all, in order, though the server is killed', { timeout: 120_000 }, async () => {
    const created = await run(
      ['api-client', 'create', '--tenant', 'acme', '--name', 'Test', '--json'],
      installation.environment,
    );
    const client = JSON.parse(created.stdout) as { clientId: string; clientSecret: string };
    let server = await startedServer();
    const port = installation.environment['CHARGEYARD_PORT'];
    const authorization = await anAccessToken(`http://localhost:${port}`, client);
    const webhook = await fetch(`http://localhost:${port}${base}/webhooks`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url }),
    });
    expect(webhook.status).toBe(201);
    const fleet = chargingFleet(`ws://localhost:${port}/ocpp/acme`, identities);
    for (let killed = 0; killed < kills; killed += 1) {
      await fleet.acknowledgedMore(callsBetweenKills);
      server.child.kill('SIGKILL');
      await server.exitCode;
      server = await startedServer();
    }
    await fleet.stop();
    const wanted = fleet.journals.flatMap(startsOf).toSorted();
    const starts = () => toldOf(receiver.taken, 'transaction.started');
    const stops = () => toldOf(receiver.taken, 'transaction.stopped');
    await vi.waitUntil(() => starts().length >= wanted.length && stops().length >= wanted.length, {
      timeout: 30_000,
    });
    expect(
      starts()
        .map(([, told]) => `${told.transactionId}/${told.meterStartWh}`)
        .toSorted(),
    ).toEqual(wanted);
    expect(
      stops()
        .map(([, told]) => `${told.transactionId}/${told.meterStopWh - 3}`)
        .toSorted(),
    ).toEqual(wanted);
    // Each station charges from a higher register each time.
    for (const told of [starts(), stops()]) {
      for (const ofStation of Map.groupBy(told, ([cpId]) => cpId).values()) {
        const registers = ofStation.map(([, { meterStartWh }]) => meterStartWh);
        expect(registers).toEqual(registers.toSorted((one, other) => one - other));
      }
    }
    server.child.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
  });
});
