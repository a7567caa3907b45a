// Several tenants, one of which has many webhooks and a receiver that never answers.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aChargingStation, aReport, aTenant } from '../builders.ts';
import { aCaller, expectRefused } from '../cpoapi/caller.ts';
import type { Caller } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import { aReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

const app = testApp({ webhooksToPrivateNetworks: true, sending: { timeoutMs: 60_000 } });
const mostOfATenant = 50;
const tenantsShare = 10;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await aReceiver();
  receiver.answer = ({ path }) => (path.startsWith('/slow') ? undefined : 204);
});
afterAll(() => receiver.close());

const sentTo = (path: string) => receiver.taken.filter((each) => each.path === path).length;

type Tenant = {
  tenantId: string;
  stationId: string;
  call: Caller;
  webhook: (path: string) => ReturnType<Caller>;
  say: () => Promise<void>;
};

async function aTenantWithStation(): Promise<Tenant> {
  const { id: tenantId } = await aTenant(app.store);
  const { id } = await aChargingStation(app.store, tenantId);
  const call = await aCaller(app, tenantId);
  let reports = 0;
  return {
    tenantId,
    stationId: id,
    call,
    webhook: (path) => call('POST', '/webhooks', { url: receiver.url + path }),
    async say() {
      const info = String((reports += 1));
      await aReport(app.store, tenantId, id, 1, { info, at: new Date(), receivedAt: new Date() });
    },
  };
}

describe('a tenant', () => {
  it('has fifty webhooks at most, also when many are made at once', async () => {
    const { call, webhook } = await aTenantWithStation();
    const made = await Promise.all(Array.from({ length: mostOfATenant + 2 }, () => webhook('/many')));
    const refused = made.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(2);
    for (const answer of refused) {
      expectRefused(answer, {
        code: 'conflict',
        detail: 'A tenant has at most 50 webhooks. Delete one that is not used.',
      });
    }
    await call(
      'DELETE',
      `/webhooks/${made.find(({ status }) => status === 201)?.json<{ data: { id: string } }>().data.id}`,
    );
    expect((await webhook('/many')).status).toBe(201);
  });

  it('whose receiver never answers keeps no other waiting, also at the same host', async () => {
    const [slow, fast] = [await aTenantWithStation(), await aTenantWithStation()];
    await Promise.all(Array.from({ length: 30 }, (_, at) => slow.webhook(`/slow/${at}`)));
    await fast.webhook('/fast');
    await slow.say();
    await receiver.untilRefused(tenantsShare);
    for (let count = 1; count <= 3; count += 1) {
      await fast.say();
      await vi.waitUntil(() => sentTo('/fast') === count, {
        timeout: 10_000,
      });
    }
    expect(receiver.refused).toHaveLength(tenantsShare);
  });

  it(
    'with more than its share to be sent much has all come to their turns',
    { timeout: 30_000 },
    async () => {
      const { tenantId, stationId, webhook } = await aTenantWithStation();
      const paths = Array.from({ length: tenantsShare + 1 }, (_, at) => `/busy/${at}`);
      await Promise.all(paths.map(webhook));
      const much = 1_000;
      await app.database.look(
        `insert into events (tenant_id, tx, at, type, charging_station_id, data)
       select $1, (select ahead from event_order) + pg_current_xact_id()::text::bigint, $3::timestamptz, 'connector.status',
              $2, '{}' from generate_series(1, $4)`,
        [tenantId, stationId, new Date(), much],
      );
      await vi.waitUntil(() => paths.every((path) => sentTo(path) > 0), { interval: 1, timeout: 20_000 });
      expect(Math.max(...paths.map(sentTo))).toBeLessThan(much);
    },
  );
});
