// How a remote command is added: within its caller's limit, once for each idempotency key, and told to the process that
// holds the connection of its station.

import { awaitedUntil, hasSecret, mostParallelCommands, withoutSecret } from '../domain/index.ts';
import type { CommandOrder, RemoteCommand } from '../domain/index.ts';
import type { AwaitedNotifications } from './awaited_notifications.ts';
import { tellingOne } from './bus.ts';
import { sentRows } from './columns.ts';
import type { Statement } from './database.ts';
import type { WritesOf } from './written_together.ts';

/** Told, with a command's tenant and id, and parameters that are not stored, to the process whose station it is for. */
export const topicOfOrders = 'ordered_commands';

/** What a command that ends without a connection says; SQL. */
export const notConnected = `'The charging station is not connected.'`;

export type AddedCommand =
  /** `sent`: the process that asked is to send it now. `failed`: the station is not connected, and nobody may wait for it. */
  | { readonly kind: 'added'; readonly state: 'pending' | 'sent' | 'failed' }
  /** Its idempotency key came before. */
  | { readonly kind: 'known'; readonly id: string; readonly requestHash: string }
  | { readonly kind: 'known_by_now' }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'no_station' };

type AskedOrder = CommandOrder & {
  readonly node: string;
  /** A connection over which `node` would send it at once: where it is the station's, the command is sent from the start. */
  readonly freeConnectionId: string | undefined;
};

// As long as the API promises (json_api/create_method.ts).
const keysLast = "interval '24 hours'";

/** Answers the function that adds an order, ordered by the process `node`. It throws {Unavailable}. */
export const commandOrdersOn = (writesOf: WritesOf, { awaited }: { awaited: AwaitedNotifications }) =>
  writesOf<AskedOrder, AddedCommand>({
    statements(orders) {
      const withKeys = orders.filter(({ idempotency }) => idempotency !== undefined);
      return [
        lockStatement(orders),
        ...(withKeys.length > 0 ? [forgetKeysStatement(withKeys)] : []),
        addStatement(orders),
      ];
    },
    answers(orders, rows) {
      const byId = new Map((rows.at(-1) as AddedRow[]).map((row) => [row.id, row]));
      return orders.map((order) => {
        const outcome = addedIn(byId.get(order.id));
        const { freeConnectionId: connectionId } = order;
        if (connectionId !== undefined && outcome.kind === 'added' && outcome.state === 'sent') {
          awaited.sent({ ...sentAtOnce(order), connectionId });
        }
        return outcome;
      });
    },
  });

const sentAtOnce = (order: AskedOrder): RemoteCommand => ({
  ...order,
  deadline: new Date(order.orderedAt.getTime() + order.timeoutSeconds * 1_000),
});

type AddedRow = {
  readonly id: string;
  readonly state: 'pending' | 'sent' | 'failed' | null;
  readonly is_too_many: boolean;
  readonly has_station: boolean;
  readonly known_id: string | null;
  readonly known_hash: string | null;
};

function addedIn(row: AddedRow | undefined): AddedCommand {
  if (row === undefined) throw new Error('an order has no answer');
  if (row.state !== null) return { kind: 'added', state: row.state };
  if (row.known_id !== null) return { kind: 'known', id: row.known_id, requestHash: row.known_hash ?? '' };
  if (!row.has_station) return { kind: 'no_station' };
  if (row.is_too_many) return { kind: 'too_many' };
  // Another with its key was added in the same moment, and is known to the next that comes.
  return { kind: 'known_by_now' };
}

/** Processes count a caller's commands one after the other. */
function lockStatement(orders: readonly AskedOrder[]): Statement {
  const callers = orders
    .filter(({ isSynchronous }) => isSynchronous)
    .map(({ tenantId, callerId }) => `${tenantId}/${callerId}`);
  return {
    text: `select pg_advisory_xact_lock(hashtextextended(caller, 5))
           from (select distinct caller from unnest($1::text[]) as f (caller) order by caller) f`,
    values: [callers],
  };
}

const keyed = sentRows<AskedOrder>([
  ['tenant_id', 'uuid', (order) => order.tenantId],
  ['caller_id', 'text', (order) => order.callerId],
  ['key', 'text', (order) => order.idempotency?.key],
  ['at', 'timestamptz', (order) => order.orderedAt],
]);

function forgetKeysStatement(orders: readonly AskedOrder[]): Statement {
  return {
    text: `update remote_commands r set idempotency_key = null, request_hash = null
           from ${keyed.from}
           where r.tenant_id = f.tenant_id and r.caller_id = f.caller_id and r.idempotency_key = f.key
             and r.created_at < f.at - ${keysLast}`,
    values: keyed.values(orders),
  };
}

const ordered = sentRows<AskedOrder>([
  ['tenant_id', 'uuid', (order) => order.tenantId],
  ['id', 'uuid', (order) => order.id],
  ['station_id', 'uuid', (order) => order.chargingStationId],
  ['command', 'text', (order) => order.command],
  ['parameters', 'text', (order) => JSON.stringify(order.parameters, withoutSecret)],
  ['is_synchronous', 'boolean', (order) => order.isSynchronous],
  ['caller_id', 'text', (order) => order.callerId],
  ['key', 'text', (order) => order.idempotency?.key],
  ['request_hash', 'text', (order) => order.idempotency?.requestHash],
  ['node', 'text', (order) => order.node],
  ['ordered_at', 'timestamptz', (order) => order.orderedAt],
  ['timeout_seconds', 'integer', (order) => order.timeoutSeconds],
  // It is in no row, and what is told is in no log of the database.
  ['secret', 'text', (order) => (hasSecret(order) ? JSON.stringify(order.parameters) : undefined)],
  ['free_connection_id', 'uuid', (order) => order.freeConnectionId],
  ['upload_url', 'text', (order) => order.uploadUrl],
  ['awaited_until', 'timestamptz', (order) => awaitedUntil(sentAtOnce(order))],
]);

function addStatement(orders: readonly AskedOrder[]): Statement {
  return {
    text: `with f as (
             select * from ${ordered.inOrder}
           ), under_way as (
             -- "offset 0": by the caller's index, whatever the statistics are.
             select f.tenant_id, f.caller_id, (
               select count(*) from (
                 select r.deadline_at from remote_commands r
                 where r.tenant_id = f.tenant_id and r.caller_id = f.caller_id and r.is_synchronous
                   and r.finished_at is null offset 0
               ) r where r.deadline_at > clock_timestamp()
             ) as commands
             from (select distinct tenant_id, caller_id from f where is_synchronous) f
           ), placed as (
             select f.*, s.id is not null as has_station, c.connection_id, c.node as held_by, f.is_synchronous
               and coalesce(u.commands, 0) + row_number() over (
                 partition by f.tenant_id, f.caller_id, f.is_synchronous order by f.at
               ) > ${mostParallelCommands} as is_too_many
             from f
             left join lateral (
               select s.id from charging_stations s where s.tenant_id = f.tenant_id and s.id = f.station_id limit 1
             ) s on true
             left join lateral (
               select c.connection_id, c.node from station_connections c
               where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id limit 1
             ) c on true
             left join under_way u on u.tenant_id = f.tenant_id and u.caller_id = f.caller_id
           ), added as (
             insert into remote_commands
               (tenant_id, id, charging_station_id, command, parameters, has_secret, is_synchronous, caller_id, idempotency_key,
                request_hash, state, awaited_until, upload_url, error_code, error_description, asked_by, sent_by, created_at,
                deadline_at, sent_at, finished_at, updated_at)
             select tenant_id, id, station_id, command, parameters::json, secret is not null, is_synchronous, caller_id, key, request_hash,
                    case when is_sent then 'sent' when waits then 'pending' else 'failed' end,
                    case when is_sent then awaited_until end, upload_url,
                    case when not waits then 'station_not_connected' end,
                    case when not waits then ${notConnected} end,
                    node, case when is_sent then node end, ordered_at,
                    clock_timestamp() + make_interval(secs => timeout_seconds),
                    case when is_sent then ordered_at end, case when not waits then ordered_at end, ordered_at
             from (
               select *, connection_id is not null or not (is_synchronous or secret is not null) as waits,
                      coalesce(connection_id = free_connection_id, false) as is_sent
               from placed
             ) placed
             where has_station and not is_too_many
             on conflict (tenant_id, caller_id, idempotency_key) where idempotency_key is not null do nothing
             returning id, state
           )
           select p.id, a.state, p.is_too_many, p.has_station, known.id as known_id, known.request_hash as known_hash,
                  case when a.state = 'pending' and p.connection_id is not null and p.held_by <> p.node
                    then ${tellingOne('p.held_by', topicOfOrders, "concat_ws(' ', p.tenant_id, p.id, p.secret)")} end
           from placed p
           left join added a on a.id = p.id
           left join lateral (
             select k.id, k.request_hash from remote_commands k
             where k.tenant_id = p.tenant_id and k.caller_id = p.caller_id and k.idempotency_key = p.key limit 1
           ) known on p.key is not null`,
    values: ordered.values(orders),
  };
}
