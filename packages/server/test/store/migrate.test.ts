import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { StartError, migrate } from '../../src/store/index.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const emptied = () =>
  database.look('drop schema public cascade; create schema public authorization chargeyard', []);

const migrations = await readdir(new URL('../../migrations/', import.meta.url));

describe('migrate', () => {
  it('applies nothing to a schema that is up to date', async () => {
    expect(await migrate(database.connection)).toEqual([]);
  });

  it('applies each migration once, however many processes start together', async () => {
    await emptied();
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.connection)));
    expect(applied.flat()).toEqual(migrations.toSorted());
  });

  it('refuses a schema that is newer than it knows', async () => {
    await database.look("insert into migrations values ('999999_later.sql', now())");
    await expect(migrate(database.connection)).rejects.toThrow(/newer Chargeyard \(999999_later\.sql\)/);
  });
});

describe('the tenants’ wall', () => {
  it('guards every table that has a tenant_id, but one that is read before the tenant is known and one of hashes', async () => {
    const rows = await database.look<{ name: string }>(
      `select c.relname as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
         and not (c.relrowsecurity and c.relforcerowsecurity)`,
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual(['api_clients', 'charging_station_grams']);
  });
});

describe('a database that does not fit', () => {
  it('is refused in a sentence when its user is above the tenants’ wall', async () => {
    const superuser = { ...inject('superuserConnection'), database: String(database.connection.database) };
    await expect(migrate(superuser)).rejects.toThrow(/is a superuser or has BYPASSRLS/);
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, /refuses the user or the password/],
    ['another name', { database: 'nowhere' }, /no database of the name/],
    ['nobody there', { host: '127.0.0.1', port: 1 }, /nothing listens/],
  ])('is refused in a sentence for %s', async (_what, change, sentence) => {
    const refused = migrate({ ...database.connection, ...change });
    await expect(refused).rejects.toBeInstanceOf(StartError);
    await expect(refused).rejects.toThrow(sentence);
  });
});
