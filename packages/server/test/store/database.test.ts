import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Conflict, Invalid, wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore, plainQuery } from '../../src/store/index.ts';
import type { Store, Tables } from '../../src/store/index.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
let one: string;
let other: string;

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: 'silent' });
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 1 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

beforeEach(async () => {
  ({ id: one } = await aTenant(store));
  ({ id: other } = await aTenant(store));
  await aChargingStation(store, one, { identity: 'one' });
  await aChargingStation(store, other, { identity: 'other' });
});

async function identities(tables: Tables, tenantId: string) {
  const query = plainQuery({ limit: 10, offset: 0, now: new Date() });
  const { rows } = await tables.chargingStations.page(wholeTenant(tenantId), query);
  return rows.map((row) => row[2]);
}

async function expectBothToSeeTheirs(): Promise<void> {
  expect(await identities(store, other)).toEqual(['other']);
  expect(await identities(store, one)).toEqual(['one']);
  expect(await identities(store, one)).toEqual(['one']);
  expect(await identities(store, other)).toEqual(['other']);
}

const insertTaken = (tables: Tables) =>
  tables.chargingStations.insert(other, {
    id: newId(),
    identity: 'other',
    label: 'Taken',
    passwordHash: undefined,
    createdAt: new Date(),
  });

describe('a connection that serves one tenant after the other', () => {
  it('shows each its own', async () => {
    await expectBothToSeeTheirs();
  });

  it('shows each its own after a query that names none', async () => {
    await identities(store, other);
    await store.tenants.areNone();
    await expectBothToSeeTheirs();
  });

  it('shows each its own after a statement that failed', async () => {
    await identities(store, one);
    await expect(insertTaken(store)).rejects.toThrow(Conflict);
    await expectBothToSeeTheirs();
  });

  it('shows each its own after several statements at once that failed', async () => {
    await identities(store, one);
    const company = { id: newId(), name: 'Orphan', parentId: newId(), createdAt: new Date() };
    await expect(store.companies.insert(other, company)).rejects.toThrow(Invalid);
    await expectBothToSeeTheirs();
  });

  it('shows each its own after a transaction that was rolled back', async () => {
    await identities(store, one);
    const work = store.inTransaction(async (tables) => {
      await identities(tables, other);
      throw new Error('enough');
    });
    await expect(work).rejects.toThrow('enough');
    await expectBothToSeeTheirs();
  });

  it('shows each its own after a transaction that lived with an error', async () => {
    await identities(store, one);
    await store.inTransaction(async (tables) => {
      await identities(tables, other);
      await expect(insertTaken(tables)).rejects.toThrow(Conflict);
    });
    await expectBothToSeeTheirs();
  });

  it('shows each its own after a transaction that was committed', async () => {
    await identities(store, one);
    await store.inTransaction(async (tables) => {
      await identities(tables, other);
    });
    await expectBothToSeeTheirs();
  });
});
