// server_processes: which of the server's processes run, and what becomes of the stations' connections that one held which
// runs no more. Times are the database's, so that the processes' clocks need not agree.

import type { HeldConnection } from '../domain/index.ts';
import { sentRows, tenantIdsOf } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { inEveryTenant } from './every_tenant.ts';
import { connectionColumns, disconnected } from './station_connections.ts';

const lostAfterSeconds = 20;

/** What a process says of itself; `isKnown` false: it is new, or was taken for lost. */
export type Beat = { readonly isKnown: boolean; readonly silentForMs: number };

/** All throw {Unavailable}. */
export function serverProcessesIn(database: Database) {
  return {
    /** Says that a process runs; answers for how long it had not. */
    async beat(name: string): Promise<Beat> {
      const [row] = await database.query<{ silentForMs: number | null }>(
        `with before as (select seen_at from server_processes where name = $1), beat as (
           insert into server_processes (name, started_at, seen_at) values ($1, now(), now())
           on conflict (name) do update set seen_at = now()
         )
         select (extract(epoch from now() - (select seen_at from before)) * 1000)::float8 as "silentForMs"`,
        [name],
      );
      const silentForMs = row?.silentForMs ?? undefined;
      return { isKnown: silentForMs !== undefined, silentForMs: silentForMs ?? 0 };
    },

    /** Forgets a process that ended, and closes what it left open. */
    async forget(name: string, now: Date): Promise<void> {
      await inEveryTenant(database, [
        { text: closing('c.node = $2'), values: [now, name] },
        { text: 'delete from server_processes where name = $1', values: [name] },
      ]);
    },

    /**
     * The same for all processes of a server, which is not running: none of its processes is then. And for those that nobody
     * knows: a process is known before it holds a connection.
     */
    async forgetAllOf(server: string, now: Date): Promise<void> {
      await inEveryTenant(database, [
        {
          text: closing(
            `(${isProcessOf('c.node', '$2')} or c.node not in (select p.name from server_processes p))`,
          ),
          values: [now, server],
        },
        { text: `delete from server_processes p where ${isProcessOf('p.name', '$1')}`, values: [server] },
      ]);
    },

    /** The same for the processes that were silent for too long; answers which. */
    async forgetLost(now: Date): Promise<string[]> {
      const isLost = `seen_at < now() - make_interval(secs => ${lostAfterSeconds})`;
      const lost = await database.query<{ name: string }>(
        `select name from server_processes where ${isLost}`,
      );
      if (lost.length === 0) return [];
      // In one statement: one that says in this moment that it runs waits for it, and takes up its connections after it.
      await inEveryTenant(database, [
        {
          text: closing(
            'c.node in (select name from lost)',
            `lost as (delete from server_processes where ${isLost} returning name),`,
          ),
          values: [now],
        },
      ]);
      return lost.map(({ name }) => name);
    },

    /**
     * Takes up again what was closed because its process was taken for lost.
     *
     * @returns the ids of those connections that are their stations' still
     */
    async hold(name: string, held: readonly HeldConnection[]): Promise<ReadonlySet<string>> {
      const ids = new Set<string>();
      for (let at = 0; at < held.length; at += connectionsAtOnce) {
        const some = held.slice(at, at + connectionsAtOnce);
        const results = await database.transaction(tenantIdsOf(some), holding(name, some));
        for (const { id } of (results[1] ?? []) as { id: string }[]) ids.add(id);
      }
      return ids;
    },
  };
}

const isProcessOf = (name: string, server: string) =>
  `(${name} = ${server} or starts_with(${name}, ${server} || '/'))`;

const connectionsAtOnce = 1_000;

/** The statement that closes connections `c`; $1 is the instant. */
const closing = (which: string, before = '') => `with ${before} closed as (
    update station_connections c set connection_id = null, closed_at = $1
    where ${which} and c.connection_id is not null
    returning c.tenant_id, c.charging_station_id, c.closed_at
  ) ${disconnected}`;

const heldRows = sentRows(connectionColumns);
const heldSinceRows = sentRows<HeldConnection>(
  [...connectionColumns, ['opened_at', 'timestamptz', (held) => held.openedAt]],
  { after: 1 },
);

function holding(name: string, held: readonly HeldConnection[]): Statement[] {
  const ofStation = 'c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id';
  return [
    {
      // A station that was elsewhere meanwhile has opened its connection at another instant.
      text: `update station_connections c set connection_id = f.connection_id, closed_at = null
             from ${heldSinceRows.from}
             where ${ofStation} and c.connection_id is null and c.opened_at = f.opened_at and c.node = $1`,
      values: [name, ...heldSinceRows.values(held)],
    },
    {
      text: `select f.connection_id as id from ${heldRows.from}
             join station_connections c on ${ofStation} and c.connection_id = f.connection_id`,
      values: heldRows.values(held),
    },
  ];
}
