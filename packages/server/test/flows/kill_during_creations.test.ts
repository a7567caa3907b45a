// kill -9 of the server while charging stations are created with Idempotency-Keys: every request that is sent again after
// the restart makes no second station, and gets the answer that it got, or would have got.

import { randomInt } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { openEmbeddedPostgres, openStore } from '../../src/store/index.ts';
import { aChargingStationModel, aCompany, anAccessToken, anApiClient } from '../builders.ts';
import { anInstallation, chargeyard } from '../chargeyard_process.ts';
import type { Installation } from '../chargeyard_process.ts';

const connections = 16;
const kills = 3;

let installation: Installation;
let client: { clientId: string; clientSecret: string };
let common: { modelId: number; companyUuid: string; timeZone: string };

beforeAll(async () => {
  installation = await anInstallation();
  const dataFolder = installation.environment['CHARGEYARD_DATA'] ?? '';
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection: postgres.connection, log, newId, maxConnections: 2 });
  const tenantId = newId();
  await store.tenants.insert({ id: tenantId, slug: 'acme', createdAt: new Date() });
  client = await anApiClient(store, tenantId);
  common = {
    modelId: await aChargingStationModel(store, tenantId),
    companyUuid: await aCompany(store, tenantId),
    timeZone: 'Europe/Berlin',
  };
  await store.close();
  await postgres.close();
});
afterAll(() => installation.remove());

/** What a creation was told; undefined until it is. */
type Creation = { readonly key: string; readonly body: string; answer?: Told | undefined };
type Told = { readonly status: number; readonly location: string | null; readonly text: string };

async function started() {
  const server = chargeyard(['serve'], installation.environment);
  await server.printed(/Chargeyard serves/);
  const origin = `http://localhost:${installation.environment['CHARGEYARD_PORT']}`;
  const authorization = await anAccessToken(origin, client);
  return {
    server,
    send: async ({ key, body }: Creation): Promise<Told> => {
      const response = await fetch(`${origin}/api/cpoapi/v1/charging_stations`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
        body,
      });
      return {
        status: response.status,
        location: response.headers.get('location'),
        text: await response.text(),
      };
    },
    /** The identities of all stations, with how many there are of each. */
    stations: async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>();
      for (let at: string | undefined = `${origin}/api/cpoapi/v1/charging_stations?page[limit]=500`; at;) {
        const page = (await (await fetch(at, { headers: { authorization } })).json()) as {
          data: { attributes: { chargeBoxIdentity: string } }[];
          links: { next?: string };
        };
        for (const { attributes } of page.data) {
          found.set(attributes.chargeBoxIdentity, (found.get(attributes.chargeBoxIdentity) ?? 0) + 1);
        }
        at = page.links.next;
      }
      return found;
    },
  };
}

let made = 0;
function aCreation(): Creation {
  const chargeBoxIdentity = `cp_${(made += 1)}`;
  return { key: newId(), body: JSON.stringify({ ...common, label: chargeBoxIdentity, chargeBoxIdentity }) };
}

/** Creates one station after the other, until the connection breaks. */
async function createUntilBroken(
  send: (creation: Creation) => Promise<Told>,
  on: { sent: (creation: Creation) => void; answered: () => void },
): Promise<void> {
  try {
    for (;;) {
      const creation = aCreation();
      on.sent(creation);
      creation.answer = await send(creation);
      on.answered();
    }
  } catch {
    // The server was killed: whether this one was created is what nobody knows.
  }
}

describe('kill -9 of the server', () => {
  it('makes exactly one station of each Idempotency-Key, whenever its POST is repeated', async () => {
    const creations: Creation[] = [];
    let running = await started();
    for (let kill = 1; kill <= kills; kill += 1) {
      const killAfter = connections + randomInt(64);
      const { server, send } = running;
      const sent: Creation[] = [];
      let answered = 0;
      const creating = Array.from({ length: connections }, () =>
        createUntilBroken(send, {
          sent: (creation) => sent.push(creation),
          answered: () => {
            answered += 1;
            if (answered === killAfter) server.child.kill('SIGKILL');
          },
        }),
      );
      await Promise.all([...creating, server.exitCode]);
      expect(sent.filter(({ answer }) => answer === undefined)).toHaveLength(connections);
      creations.push(...sent);

      running = await started();
      const place = `kill ${kill}, after ${killAfter} answers to ${sent.length} requests`;
      const once = await Promise.all(sent.map(running.send));
      expect(
        once.map(({ status }) => status),
        place,
      ).toEqual(sent.map(() => 201));
      for (const [at, creation] of sent.entries()) creation.answer ??= once[at];
      // Those of the kills before, too: their keys are kept for a day.
      const again = await Promise.all(creations.map(running.send));
      expect(again, place).toEqual(creations.map(({ answer }) => answer));
      expect(once, place).toEqual(sent.map(({ answer }) => answer));
      const identities = creations.map(({ body }) => (JSON.parse(body) as { label: string }).label);
      expect(await running.stations(), place).toEqual(new Map(identities.map((identity) => [identity, 1])));
    }
    expect(creations.length).toBeGreaterThanOrEqual(kills * 2 * connections);
    running.server.child.kill('SIGKILL');
    await running.server.exitCode;
  }, 180_000);
});
