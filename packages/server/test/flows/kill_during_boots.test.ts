// kill -9 of the server while stations boot: what was acknowledged is there after the restart.

import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { openEmbeddedPostgres, openStore } from '../../src/store/index.ts';
import { aChargingStation } from '../builders.ts';
import { anInstallation, chargeyard, run } from '../chargeyard_process.ts';
import type { Installation } from '../chargeyard_process.ts';
import { ocppClient } from '../ocpp_client.ts';

const stations = 12;
const kills = 3;
const bootsBeforeKill = 150;

let installation: Installation;
beforeAll(async () => {
  installation = await anInstallation();
  const dataFolder = installation.environment['CHARGEYARD_DATA'] ?? '';
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection: postgres.connection, log, newId, maxConnections: 2 });
  const tenant = { id: newId(), slug: 'acme', createdAt: new Date() };
  await store.tenants.insert(tenant);
  for (let n = 1; n <= stations; n += 1) await aChargingStation(store, tenant.id, { identity: `cp_${n}` });
  await store.close();
  await postgres.close();
});
afterAll(() => installation.remove());

/** Boots again and again, each time with another serial number, until the connection breaks. */
async function bootUntilBroken(
  endpoint: string,
  identity: string,
  on: { sent: (serial: string) => void; acknowledged: (serial: string) => void },
) {
  const client = ocppClient({ endpoint, identity });
  try {
    await client.connect();
    for (;;) {
      const serial = randomUUID().slice(0, 25);
      on.sent(serial);
      await client.call('BootNotification', {
        chargePointVendor: 'Vendor',
        chargePointModel: 'Model',
        chargePointSerialNumber: serial,
      });
      on.acknowledged(serial);
    }
  } catch {
    // The server was killed: the call that was under way has no answer, and is not asked for below.
  } finally {
    await client.close({ force: true }).catch(() => undefined);
  }
}

describe('kill -9 of the server', () => {
  it('loses no acknowledged boot', async () => {
    for (let kill = 1; kill <= kills; kill += 1) {
      // Per station what was sent, in order, and how many of those were acknowledged.
      const sent = new Map<string, string[]>();
      const acknowledged = new Map<string, number>();
      const server = chargeyard(['serve'], installation.environment);
      await server.printed(/Chargeyard serves/);
      const endpoint = `ws://localhost:${installation.environment['CHARGEYARD_PORT']}/ocpp/acme`;
      let boots = 0;
      const booting = Array.from({ length: stations }, (_, at) => {
        const identity = `cp_${at + 1}`;
        return bootUntilBroken(endpoint, identity, {
          sent: (serial) => sent.set(identity, [...(sent.get(identity) ?? []), serial]),
          acknowledged: () => {
            acknowledged.set(identity, (acknowledged.get(identity) ?? 0) + 1);
            boots += 1;
            // A station that connected late has its say, too.
            if (boots >= bootsBeforeKill && acknowledged.size === stations) server.child.kill('SIGKILL');
          },
        });
      });
      await Promise.all([...booting, server.exitCode]);

      const list = await run(['station', 'list', '--tenant', 'acme', '--json'], installation.environment);
      const kept = JSON.parse(list.stdout) as { identity: string; serialNumber: string }[];
      expect(kept.length).toBe(stations);
      expect(boots).toBeGreaterThanOrEqual(bootsBeforeKill);
      for (const { identity, serialNumber } of kept) {
        const last = acknowledged.get(identity) ?? 0;
        expect(last, `${identity} acknowledged in round ${kill}`).toBeGreaterThan(0);
        // The last acknowledged boot, or the one after it, committed while its answer did not get out any more.
        expect(sent.get(identity)?.slice(last - 1), `${identity} after kill ${kill}`).toContain(serialNumber);
      }
    }
  }, 180_000);
});
