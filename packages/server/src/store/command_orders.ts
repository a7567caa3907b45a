// How a remote command is added: within its caller's limit, once for each idempotency key, and told to the process that
// holds the connection of its station.

import { hasSecret, mostParallelCommands, withoutSecret } from '../domain/index.ts';
import type { CommandOrder } from '../domain/index.ts';
import { askedTogether } from './asked_together.ts';
import { tellingSql } from './bus.ts';
import { column, tenantIdsOf } from './columns.ts';
import type { Database, Statement } from './database.ts';

/** Told, with a command's tenant and id, and parameters that are not stored, to the process whose station it is for. */
export const topicOfOrders = 'ordered_commands';

/** What a command that ends without a connection says; SQL. */
export const notConnected = `'The charging station is not connected.'`;

export type AddedCommand =
  /** `hasEnded`: the station is not connected, and nobody may wait for it. */
  | { readonly kind: 'added'; readonly hasEnded: boolean }
  /** Its idempotency key came before. */
  | { readonly kind: 'known'; readonly id: string; readonly requestHash: string }
  | { readonly kind: 'known_by_now' }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'no_station' };

type AskedOrder = CommandOrder & { readonly node: string };

const mostTogether = 200;
// As long as the API promises (json_api/create_method.ts).
const keysLast = "interval '24 hours'";

/** Answers the function that adds an order, ordered by the process `node`. It throws {Unavailable}. */
export const commandOrdersOn = (database: Database) =>
  askedTogether((orders: readonly AskedOrder[]) => addedAll(database, orders), mostTogether);

type AddedRow = {
  readonly id: string;
  readonly state: string | null;
  readonly is_too_many: boolean;
  readonly has_station: boolean;
  readonly known_id: string | null;
  readonly known_hash: string | null;
};

async function addedAll(database: Database, orders: readonly AskedOrder[]): Promise<AddedCommand[]> {
  const keyed = orders.filter(({ idempotency }) => idempotency !== undefined);
  const statements = [
    lockStatement(orders),
    ...(keyed.length > 0 ? [forgetKeysStatement(keyed)] : []),
    addStatement(orders),
  ];
  const results = await database.transaction(tenantIdsOf(orders), statements);
  const byId = new Map((results.at(-1) as AddedRow[]).map((row) => [row.id, row]));
  return orders.map(({ id }) => addedIn(byId.get(id)));
}

function addedIn(row: AddedRow | undefined): AddedCommand {
  if (row === undefined) throw new Error('an order has no answer');
  if (row.state !== null) return { kind: 'added', hasEnded: row.state === 'failed' };
  if (row.known_id !== null) return { kind: 'known', id: row.known_id, requestHash: row.known_hash ?? '' };
  if (!row.has_station) return { kind: 'no_station' };
  if (row.is_too_many) return { kind: 'too_many' };
  // Another with its key was added in the same moment, and is known to the next that comes.
  return { kind: 'known_by_now' };
}

/** Processes count a caller's commands one after the other. */
function lockStatement(orders: readonly AskedOrder[]): Statement {
  const callers = orders.map(({ tenantId, callerId }) => `${tenantId}/${callerId}`);
  return {
    text: `select pg_advisory_xact_lock(hashtextextended(caller, 5))
           from (select distinct caller from unnest($1::text[]) as f (caller) order by caller) f`,
    values: [callers],
  };
}

function forgetKeysStatement(orders: readonly AskedOrder[]): Statement {
  return {
    text: `update remote_commands r set idempotency_key = null, request_hash = null
           from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as f (tenant_id, caller_id, key, at)
           where r.tenant_id = f.tenant_id and r.caller_id = f.caller_id and r.idempotency_key = f.key
             and r.created_at < f.at - ${keysLast}`,
    values: [
      column(orders, ({ tenantId }) => tenantId),
      column(orders, ({ callerId }) => callerId),
      column(orders, ({ idempotency }) => idempotency?.key),
      column(orders, ({ orderedAt }) => orderedAt),
    ],
  };
}

function addStatement(orders: readonly AskedOrder[]): Statement {
  return {
    text: `with f as (
             select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::boolean[], $7::text[],
                                  $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::integer[], $13::text[])
               with ordinality as f (tenant_id, id, station_id, command, parameters, is_synchronous, caller_id,
                                     key, request_hash, node, ordered_at, timeout_seconds, secret, place)
           ), under_way as (
             select f.tenant_id, f.caller_id, count(r.id) as commands
             from (select distinct tenant_id, caller_id from f) f
             join remote_commands r on r.tenant_id = f.tenant_id and r.caller_id = f.caller_id
               and r.is_synchronous and r.finished_at is null and r.deadline_at > clock_timestamp()
             group by 1, 2
           ), placed as (
             select f.*, s.id is not null as has_station, c.connection_id, c.node as held_by, f.is_synchronous
               and coalesce(u.commands, 0) + row_number() over (
                 partition by f.tenant_id, f.caller_id, f.is_synchronous order by f.place
               ) > ${mostParallelCommands} as is_too_many
             from f
             left join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
             left join station_connections c on c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
             left join under_way u on u.tenant_id = f.tenant_id and u.caller_id = f.caller_id
           ), added as (
             insert into remote_commands
               (tenant_id, id, charging_station_id, command, parameters, has_secret, is_synchronous, caller_id, idempotency_key,
                request_hash, state, error_code, error_description, asked_by, created_at, deadline_at, finished_at,
                updated_at)
             select tenant_id, id, station_id, command, parameters::json, secret is not null, is_synchronous, caller_id, key, request_hash,
                    case when waits then 'pending' else 'failed' end,
                    case when not waits then 'station_not_connected' end,
                    case when not waits then ${notConnected} end,
                    node, ordered_at, clock_timestamp() + make_interval(secs => timeout_seconds),
                    case when not waits then ordered_at end, ordered_at
             from (
               select *, connection_id is not null or not (is_synchronous or secret is not null) as waits from placed
             ) placed
             where has_station and not is_too_many
             on conflict (tenant_id, caller_id, idempotency_key) where idempotency_key is not null do nothing
             returning id, state
           )
           select p.id, a.state, p.is_too_many, p.has_station, known.id as known_id, known.request_hash as known_hash,
                  case when a.state = 'pending' and p.connection_id is not null and p.held_by <> p.node
                    then ${tellingSql('p.held_by', topicOfOrders, "concat_ws(' ', p.tenant_id, p.id, p.secret)")} end
           from placed p
           left join added a on a.id = p.id
           left join remote_commands known
             on known.tenant_id = p.tenant_id and known.caller_id = p.caller_id and known.idempotency_key = p.key`,
    values: [
      column(orders, ({ tenantId }) => tenantId),
      column(orders, ({ id }) => id),
      column(orders, ({ chargingStationId }) => chargingStationId),
      column(orders, ({ command }) => command),
      column(orders, ({ parameters }) => JSON.stringify(parameters, withoutSecret)),
      column(orders, ({ isSynchronous }) => isSynchronous),
      column(orders, ({ callerId }) => callerId),
      column(orders, ({ idempotency }) => idempotency?.key),
      column(orders, ({ idempotency }) => idempotency?.requestHash),
      column(orders, ({ node }) => node),
      column(orders, ({ orderedAt }) => orderedAt),
      column(orders, ({ timeoutSeconds }) => timeoutSeconds),
      // It is in no row, and what is told is in no log of the database.
      column(orders, (order) => (hasSecret(order) ? JSON.stringify(order.parameters) : undefined)),
    ],
  };
}
