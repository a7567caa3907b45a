// Tables that grow with time: partitioned by the range of an instant, one partition for each day, week or month, made ahead
// and dropped whole when it is over for every tenant. What lies outside (clocks of stations lie) is in the default partition,
// which the migration makes. docs/decisions/time_partitions.md says why.

import type { Client } from 'pg';
import type { Logger } from 'pino';
import { periodOf, periodsFrom } from './periods.ts';
import type { Period, PeriodLength } from './periods.ts';

/**
 * A partitioned table. Its migration makes it `partition by range (<instant>)` with a default partition, both guarded; it
 * has a column `tenant_id`, with which an index begins.
 */
export type PartitionedTable = {
  readonly name: string;
  /** The column by which it is partitioned. */
  readonly instant: string;
  /** The column that tells by our clock when a row came; rows outside all periods are kept by it. */
  readonly received: string;
  readonly period: PeriodLength;
  /** The column of tenants that tells for how many days a row is kept, at least, and at most a period longer. */
  readonly retention: 'communication_log_days' | 'event_days' | 'meter_value_days';
};

export type Upkeep = {
  /** A connection of its own, its time zone UTC. */
  readonly client: Client;
  readonly now: Date;
  readonly log: Logger;
  /** Aborted when the work is to end after the statement that is under way. */
  readonly signal: AbortSignal;
};

type Partition = Period & { readonly name: string };
type Tenant = { readonly id: string; readonly days: number };

const periodsAhead = 3;
const rowsAtOnce = 2_000;
const dayMs = 86_400_000;

/**
 * Makes the partitions of this period and the next ones.
 *
 * @throws the error of PostgreSQL; a lock that cannot be had soon is one (55P03). What was done is kept, and is gone on
 *         with the next time.
 */
export async function makePartitions(table: PartitionedTable, upkeep: Upkeep): Promise<void> {
  const { periods, others } = await partitionsOf(table, upkeep.client);
  const wanted = periodsFrom(periodOf(table.period, upkeep.now), table.period, 1 + periodsAhead);
  const missing = wanted.filter(
    ({ start, end }) => !periods.some((there) => start < there.end && there.start < end),
  );
  if (missing.length === 0) return;
  const tenants = await tenantsOf(table, upkeep.client);
  for (const period of missing) {
    if (upkeep.signal.aborted) return;
    await make(table, period, { others, tenants, ...upkeep });
  }
}

/**
 * Drops the partitions that are over for every tenant, and deletes from the others the rows of tenants for whom they are
 * over.
 *
 * @throws as `makePartitions`
 */
export async function dropPartitions(table: PartitionedTable, upkeep: Upkeep): Promise<void> {
  const { client, now, signal } = upkeep;
  const tenants = await tenantsOf(table, client);
  if (tenants.length === 0) return;
  const longest = Math.max(...tenants.map(({ days }) => days));
  const kept = [];
  for (const partition of (await partitionsOf(table, client)).periods) {
    if (isOver(partition, longest, now)) await drop(partition, upkeep);
    else kept.push(partition);
  }
  for (const { id, days } of tenants.filter((tenant) => tenant.days < longest)) {
    for (const { name } of kept.filter((partition) => isOver(partition, days, now))) {
      await deleteInBatches({ from: name, tenantId: id }, upkeep);
    }
  }
  const { others } = await partitionsOf(table, client);
  for (const { id, days } of tenants) {
    if (signal.aborted) return;
    const receivedBefore = { column: table.received, instant: new Date(now.getTime() - days * dayMs) };
    await deleteInBatches({ from: others, tenantId: id, receivedBefore }, upkeep);
  }
}

const isOver = ({ end }: Period, days: number, now: Date) => end.getTime() + days * dayMs <= now.getTime();

/** The partitions of periods, oldest first, and the name of the default partition. */
async function partitionsOf(
  { name }: PartitionedTable,
  client: Client,
): Promise<{ periods: Partition[]; others: string }> {
  const { rows } = await client.query<{ name: string; start: Date | null; end: Date | null }>(
    `select p.name, substring(p.bound from $$FROM \\('([^']+)'\\)$$)::timestamptz as start,
            substring(p.bound from $$TO \\('([^']+)'\\)$$)::timestamptz as end
     from pg_inherits i
     join pg_class c on c.oid = i.inhrelid
     cross join lateral (select c.relname::text as name, pg_get_expr(c.relpartbound, c.oid) as bound) p
     where i.inhparent = $1::regclass
     order by start`,
    [name],
  );
  const periods = rows.flatMap((row) =>
    row.start === null || row.end === null ? [] : [{ name: row.name, start: row.start, end: row.end }],
  );
  const others = rows.find(({ start }) => start === null);
  if (others === undefined) throw new Error(`${name} has no default partition`);
  return { periods, others: others.name };
}

async function tenantsOf({ retention }: PartitionedTable, client: Client): Promise<Tenant[]> {
  return (await client.query<Tenant>(`select id, ${retention} as days from tenants order by id`)).rows;
}

/**
 * Makes one partition. `create table … partition of` would keep everyone from the table; attached, it keeps those waiting
 * only who read or write the default partition, while that is searched for rows of the period, which move.
 */
async function make(
  table: PartitionedTable,
  { start, end }: Period,
  { others, tenants, client, log }: Upkeep & { others: string; tenants: readonly Tenant[] },
): Promise<void> {
  const name = `${table.name}_${start.toISOString().slice(0, 10).replaceAll('-', '')}`;
  const [from, to] = [`'${start.toISOString()}'`, `'${end.toISOString()}'`];
  await inTransaction(client, async () => {
    await nameTenants(client, tenants);
    await client.query(`create table ${name} (like ${table.name} including all)`);
    await client.query('select guard_tenants_of(array[$1])', [name]);
    // In the order in which everyone else takes them.
    await client.query(`lock table only ${table.name} in share update exclusive mode`);
    await client.query(`lock table ${others} in access exclusive mode`);
    await client.query(
      `with moved as (
         delete from ${others} where ${table.instant} >= ${from} and ${table.instant} < ${to} returning *
       )
       insert into ${name} select * from moved`,
    );
    await client.query(
      `alter table ${table.name} attach partition ${name} for values from (${from}) to (${to})`,
    );
  });
  log.debug({ partition: name }, 'a partition was made');
}

async function drop({ name }: Partition, { client, log, signal }: Upkeep): Promise<void> {
  if (signal.aborted) return;
  // Keeps everyone from the table, for the moment that it takes. (With a default partition, none can be detached while
  // the table is used.)
  await client.query(`drop table ${name}`);
  log.info({ partition: name }, 'a partition was dropped: its rows were older than every tenant keeps them');
}

/** In small transactions, so that none holds up others and what was done is kept. */
async function deleteInBatches(
  {
    from,
    tenantId,
    receivedBefore,
  }: { from: string; tenantId: string; receivedBefore?: { column: string; instant: Date } },
  { client, signal }: Upkeep,
): Promise<void> {
  await nameTenants(client, [{ id: tenantId }]);
  const isOld = receivedBefore === undefined ? '' : `and ${receivedBefore.column} < $2`;
  const values = receivedBefore === undefined ? [tenantId] : [tenantId, receivedBefore.instant];
  let deleted: number;
  do {
    const { rowCount } = await client.query(
      `delete from ${from} where ctid = any (array(
         select ctid from ${from} where tenant_id = $1 ${isOld} limit ${rowsAtOnce}
       ))`,
      values,
    );
    deleted = rowCount ?? 0;
  } while (deleted === rowsAtOnce && !signal.aborted);
}

/** Of a tenant that is not named, because it was made just now, rows are as good as not there. */
async function nameTenants(client: Client, tenants: readonly { readonly id: string }[]): Promise<void> {
  await client.query(`select set_config('chargeyard.tenants', $1, false)`, [
    `{${tenants.map(({ id }) => id).join()}}`,
  ]);
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
