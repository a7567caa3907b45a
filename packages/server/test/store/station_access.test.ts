// The look-up at the door, and what is kept of those who were refused.

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStationPassword, Unavailable, wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore, plainQuery } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { mostWaiting } from '../../src/store/refused_stations.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
let a: { id: string; slug: string };
let b: { id: string; slug: string };

const open = () =>
  openStore({
    connection: database.connection,
    log: pino({ level: 'silent' }),
    newId,
    maxConnections: 2,
  });

beforeAll(async () => {
  database = await testDatabase();
  store = await open();
  a = await aTenant(store);
  b = await aTenant(store);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

describe('findStationAccess', () => {
  it('answers to each what it asked, though many ask at once for stations of many tenants', async () => {
    const password = 'the-password-of-one';
    const [inA, inB, locked] = [
      await aChargingStation(store, a.id, { identity: 'cp_1' }),
      await aChargingStation(store, b.id, { identity: 'cp_1' }),
      await aChargingStation(store, b.id, { identity: 'cp_2', password }),
    ];
    const asked = [
      [a.slug, 'cp_1'],
      [b.slug, 'cp_1'],
      ['nowhere', 'cp_1'],
      [b.slug, 'cp_2'],
      [a.slug, 'cp_2'],
      [a.slug, 'cp_1'],
    ] as const;
    const many = Array.from({ length: 700 }, (_, n) => asked[n % asked.length] ?? asked[0]);
    const found = await Promise.all(many.map(([slug, identity]) => store.findStationAccess(slug, identity)));
    const wanted = [
      { tenantId: a.id, id: inA.id },
      { tenantId: b.id, id: inB.id },
      undefined,
      { tenantId: b.id, id: locked.id },
      { tenantId: a.id, id: undefined },
      { tenantId: a.id, id: inA.id },
    ];
    expect(found.map((each) => each && { tenantId: each.tenantId, id: each.station?.id })).toEqual(
      many.map((_, n) => wanted[n % wanted.length]),
    );
    const { station } = found[3] ?? {};
    expect(station).toMatchObject({ securityProfile: 1, assumedSubprotocol: undefined });
    expect(isStationPassword(Buffer.from(password), station?.passwordHash ?? '')).toBe(true);
  });

  it('names the tenant’s passwords, the newest first, for a station without its own and for nobody’s identity', async () => {
    const { id, slug } = await aTenant(store);
    for (const passwordHash of ['older', 'newer']) {
      await store.ocppPasswords.insert(id, { id: newId(), name: 'x', passwordHash, createdAt: new Date() });
    }
    await aChargingStation(store, id, { identity: 'without' });
    await aChargingStation(store, id, { identity: 'with', password: 'the-password-of-one' });
    const hashesOf = async (identity: string) =>
      (await store.findStationAccess(slug, identity))?.tenantPasswordHashes;
    expect(await Promise.all(['without', 'with', 'nobody'].map(hashesOf))).toEqual([
      ['newer', 'older'],
      [],
      ['newer', 'older'],
    ]);
    expect((await store.findStationAccess(a.slug, 'nobody'))?.tenantPasswordHashes).toEqual([]);
  });

  it('fails for all who ask while the database is away, and works again afterwards', async () => {
    const other = await open();
    try {
      await other.findStationAccess(a.slug, 'cp_1');
      await database.look(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'chargeyard' and datname = current_database()`,
      );
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, () => other.findStationAccess(a.slug, 'cp_1')),
      );
      const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      expect(reasons.filter((reason) => !(reason instanceof Unavailable))).toEqual([]);
      expect(await other.findStationAccess(a.slug, 'cp_1')).toMatchObject({ tenantId: a.id });
    } finally {
      await other.close();
    }
  });
});

const page = (tenantId: string) =>
  store.waitingChargingStations.page(wholeTenant(tenantId), {
    ...plainQuery({ limit: 1, offset: 0, now: new Date() }),
    sort: [{ field: 'lastAttemptAt', descending: false }],
  });

describe('the waiting room', () => {
  it('holds so many of a tenant, and lets those go that have not come for the longest time', async () => {
    const [crowded, other] = [await aTenant(store), await aTenant(store)];
    const come = (tenantId: string, n: number) =>
      store.refusedStations.note({
        tenantId,
        at: new Date(Date.UTC(2026, 10, 25) + n * 1000),
        address: '192.0.2.7',
        who: { identity: `new_${n}`, subprotocols: [] },
      });
    come(other.id, 0);
    for (let n = 0; n < mostWaiting; n += 1) come(crowded.id, n);
    await store.refusedStations.write();
    for (let n = mostWaiting; n < mostWaiting + 5; n += 1) come(crowded.id, n);
    await store.refusedStations.write();
    const { total, rows } = await page(crowded.id);
    expect([total, rows[0]?.[1]]).toEqual([mostWaiting, 'new_5']);
    expect((await page(other.id)).total).toBe(1);
  });

  it('is written in groups, whose attempts are counted, and what is noted when the store closes, too', async () => {
    const { id } = await aTenant(store);
    const other = await open();
    for (let n = 0; n < 30; n += 1) {
      other.refusedStations.note({
        tenantId: id,
        at: new Date(),
        address: '192.0.2.7',
        who: { identity: 'new', subprotocols: [] },
      });
    }
    await other.close();
    const { total, rows } = await page(id);
    expect([total, rows[0]?.[4]]).toEqual([1, '30']);
  });
});
