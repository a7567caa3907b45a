// Tables that are partitioned by time, on ones of the test's own: one of days, one of weeks, one of months.

import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { housekeepingIn } from '../../src/store/housekeeping.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import type { PartitionedTable } from '../../src/store/time_partitions.ts';
import { aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

const tables: readonly PartitionedTable[] = (['day', 'week', 'month'] as const).map((period) => ({
  name: `by_${period}`,
  instant: 'at',
  received: 'received_at',
  period,
  retention: 'communication_log_days',
}));

let database: TestDatabase;
let store: Store;
let tenant: string;
let other: string;
let server: Client;
const logged: { msg: string; err?: { message: string } }[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
const running = new AbortController().signal;
const keepAt = (instant: string, signal = running) =>
  housekeepingIn(database.connection, { tables, log }).keep(new Date(instant), signal);

beforeAll(async () => {
  database = await testDatabase();
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 2 });
  tenant = (await aTenant(store)).id;
  other = (await aTenant(store)).id;
  server = new Client(database.connection);
  await server.connect();
  await server.query(`select set_config('chargeyard.tenants', $1, false)`, [`{${tenant},${other}}`]);
});
afterAll(async () => {
  await server.end();
  await store.close();
  await database.drop();
});

beforeEach(async () => {
  for (const { name } of tables) {
    await server.query(`
      create table ${name} (
        tenant_id uuid not null, id integer not null, at timestamptz not null, received_at timestamptz not null,
        primary key (tenant_id, id, at)
      ) partition by range (at);
      create table ${name}_others partition of ${name} default;
      create index ${name}_by_instant on ${name} (tenant_id, received_at) where id > 5;
      select guard_tenants_of(array['${name}', '${name}_others'])`);
  }
  await keptFor(tenant, 30);
  await keptFor(other, 30);
});
afterEach(async () => {
  for (const { name } of tables) await server.query(`drop table ${name}`);
  logged.length = 0;
});

const keptFor = (tenantId: string, days: number) =>
  server.query('update tenants set communication_log_days = $2 where id = $1', [tenantId, days]);

async function bounds(table: string): Promise<Record<string, string>> {
  const rows = await database.look<{ name: string; bound: string }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_class c
     join pg_inherits i on i.inhrelid = c.oid where i.inhparent = $1::regclass order by 1`,
    [table],
  );
  return Object.fromEntries(rows.map(({ name, bound }) => [name, bound]));
}

const range = (from: string, to: string) =>
  `FOR VALUES FROM ('${from} 00:00:00+00') TO ('${to} 00:00:00+00')`;

const partitionsOfEach = () =>
  Promise.all(tables.map(async ({ name }) => Object.keys(await bounds(name)).length));

let rows = 0;
async function write(tenantId: string, at: string, { to = 'by_day', receivedAt = at, count = 1 } = {}) {
  await server.query(`insert into ${to} select $1, $2::int + n, $3, $4 from generate_series(1, $5::int) n`, [
    tenantId,
    rows,
    at,
    receivedAt,
    count,
  ]);
  rows += count;
}

/** How many rows each partition has of whom. */
async function found(table = 'by_day') {
  const partitions = await database.look<{ partition: string; tenant_id: string; rows: number }>(
    `select tableoid::regclass::text as partition, tenant_id, count(*)::int as rows from ${table}
     group by 1, 2 order by 1, 2`,
  );
  return partitions.map((row) => [row.partition, row.tenant_id === tenant ? 'tenant' : 'other', row.rows]);
}

describe('partitions', () => {
  it('are made for the present period and three more: days, weeks from Monday on, months, of UTC', async () => {
    await keepAt('2026-12-30T23:59:59Z');
    expect(await bounds('by_day')).toEqual({
      by_day_20261230: range('2026-12-30', '2026-12-31'),
      by_day_20261231: range('2026-12-31', '2027-01-01'),
      by_day_20270101: range('2027-01-01', '2027-01-02'),
      by_day_20270102: range('2027-01-02', '2027-01-03'),
      by_day_others: 'DEFAULT',
    });
    expect(await bounds('by_week')).toEqual({
      by_week_20261228: range('2026-12-28', '2027-01-04'),
      by_week_20270104: range('2027-01-04', '2027-01-11'),
      by_week_20270111: range('2027-01-11', '2027-01-18'),
      by_week_20270118: range('2027-01-18', '2027-01-25'),
      by_week_others: 'DEFAULT',
    });
    expect(await bounds('by_month')).toEqual({
      by_month_20261201: range('2026-12-01', '2027-01-01'),
      by_month_20270101: range('2027-01-01', '2027-02-01'),
      by_month_20270201: range('2027-02-01', '2027-03-01'),
      by_month_20270301: range('2027-03-01', '2027-04-01'),
      by_month_others: 'DEFAULT',
    });
    expect(logged.filter(({ err }) => err !== undefined)).toEqual([]);
  });

  it('are made once, and go on with time', async () => {
    await keepAt('2026-11-01T00:00:00Z');
    await keepAt('2026-11-01T05:00:00Z');
    await keepAt('2026-11-02T00:00:00Z');
    expect(Object.keys(await bounds('by_day'))).toEqual([
      'by_day_20261101',
      'by_day_20261102',
      'by_day_20261103',
      'by_day_20261104',
      'by_day_20261105',
      'by_day_others',
    ]);
  });

  it('take over what the default partition holds of their period', async () => {
    await write(tenant, '2026-11-01T23:59:59.999Z');
    await write(tenant, '2026-11-02T00:00:00Z', { count: 2 });
    await write(other, '2026-11-02T23:59:59.999Z');
    await write(tenant, '1970-01-01T00:00:00Z', { receivedAt: '2026-11-02T00:00:00Z' });
    await keepAt('2026-11-02T12:00:00Z');
    expect(await found()).toEqual([
      ['by_day_20261102', 'tenant', 2],
      ['by_day_20261102', 'other', 1],
      ['by_day_others', 'tenant', 2],
    ]);
  });

  it('have the indexes of their table, and its wall', async () => {
    await keepAt('2026-11-02T12:00:00Z');
    await write(tenant, '2026-11-02T12:00:00Z');
    const indexes = await database.look(
      `select 1 from pg_index i join pg_inherits h on h.inhrelid = i.indexrelid
       where i.indrelid = 'by_day_20261102'::regclass`,
    );
    expect(indexes).toHaveLength(2);
    const stranger = new Client(database.connection);
    await stranger.connect();
    await expect(stranger.query('select * from by_day_20261102')).rejects.toThrow(/chargeyard\.tenants/);
    await stranger.query(`select set_config('chargeyard.tenants', $1, false)`, [`{${other}}`]);
    expect((await stranger.query('select * from by_day_20261102')).rows).toEqual([]);
    await stranger.end();
  });
});

describe('what is older than a tenant keeps it', () => {
  it('goes with its partition when every tenant’s days are over since the partition’s end', async () => {
    await keepAt('2026-11-01T12:00:00Z');
    await write(tenant, '2026-11-01T00:00:00Z');
    await write(other, '2026-11-02T00:00:00Z');
    await keepAt('2026-12-01T23:59:59Z');
    expect((await found()).map(([partition]) => partition)).toEqual(['by_day_20261101', 'by_day_20261102']);
    await keepAt('2026-12-02T00:00:00Z');
    expect(await found()).toEqual([['by_day_20261102', 'other', 1]]);
    expect(Object.keys(await bounds('by_day'))).not.toContain('by_day_20261101');
  });

  it('is deleted from partitions that another tenant still keeps', async () => {
    await keptFor(tenant, 1);
    await keepAt('2026-11-01T12:00:00Z');
    await write(tenant, '2026-11-01T23:59:59Z', { count: 2_001 });
    await write(other, '2026-11-01T23:59:59Z');
    await write(tenant, '2026-11-02T00:00:00Z');
    await keepAt('2026-11-02T23:59:59Z');
    expect(await found()).toEqual([
      ['by_day_20261101', 'tenant', 2_001],
      ['by_day_20261101', 'other', 1],
      ['by_day_20261102', 'tenant', 1],
    ]);
    await keepAt('2026-11-03T00:00:00Z');
    expect(await found()).toEqual([
      ['by_day_20261101', 'other', 1],
      ['by_day_20261102', 'tenant', 1],
    ]);
  });

  it('is deleted from the default partition by when it came, whatever the station’s clock said', async () => {
    await keptFor(other, 2);
    await write(tenant, '1970-01-01T00:00:00Z', { receivedAt: '2026-11-01T12:00:00Z' });
    await write(other, '2099-01-01T00:00:00Z', { receivedAt: '2026-11-01T12:00:00Z' });
    await keepAt('2026-11-03T12:00:00Z');
    expect(await found()).toEqual([
      ['by_day_others', 'tenant', 1],
      ['by_day_others', 'other', 1],
    ]);
    await keepAt('2026-11-03T12:00:01Z');
    expect(await found()).toEqual([['by_day_others', 'tenant', 1]]);
    await keepAt('2026-12-01T12:00:01Z');
    expect(await found()).toEqual([]);
  });
});

describe('housekeeping', () => {
  it('waits for nobody long who uses a table, leaves that for the next time, and does the others', async () => {
    await server.query('begin');
    await write(tenant, '1970-01-01T00:00:00Z', { to: 'by_week' });
    await keepAt('2026-11-02T12:00:00Z');
    expect(logged.flatMap(({ err }) => err?.message ?? [])).toContain(
      'canceling statement due to lock timeout',
    );
    await server.query('commit');
    expect(await partitionsOfEach()).toEqual([5, 1, 5]);
    await keepAt('2026-11-02T12:00:00Z');
    expect(await partitionsOfEach()).toEqual([5, 5, 5]);
  });

  it('is done by one at a time', async () => {
    const all = [1, 2, 3].map(() => keepAt('2026-11-02T12:00:00Z'));
    await Promise.all(all);
    expect(Object.keys(await bounds('by_month'))).toHaveLength(5);
    expect(logged.filter(({ err }) => err !== undefined)).toEqual([]);
  });

  it('ends when it is told to', async () => {
    await keepAt('2026-11-02T12:00:00Z', AbortSignal.abort());
    expect(Object.keys(await bounds('by_day'))).toEqual(['by_day_others']);
  });
});
