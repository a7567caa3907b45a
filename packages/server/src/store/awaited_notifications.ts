// Commands of which their station may still say something. The rows say so (`awaited_until`); in memory are those of the
// connections of this process, so that facts of a station that nobody expects anything of cost one look into a map.

import { awaitedUntil, notificationsBy } from '../domain/index.ts';
import type {
  AwaitedCommand,
  ConnectionOpened,
  RemoteCommand,
  StationFact,
  ToldNotification,
} from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { column } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { inEveryTenant } from './every_tenant.ts';
import { sameStart } from './transaction_starts.ts';
import { nextVersion } from './versions.ts';

export type AwaitedNotifications = ReturnType<typeof awaitedNotifications>;

/** What a group of facts tells of commands. */
export type ToldByGroup = {
  /** To be run after those that keep the facts, in their transaction. */
  readonly statements: readonly Statement[];
  /** To be called with their rows when that is committed. */
  readonly committed: (rows: readonly (readonly unknown[])[]) => void;
};

// Of one station. Of more, the oldest are told of no more.
const mostAwaited = 100;

type Left = { readonly before: readonly AwaitedCommand[]; readonly after: readonly AwaitedCommand[] };

export function awaitedNotifications() {
  // Newest first.
  const ofConnections = new Map<string, readonly AwaitedCommand[]>();
  const connectionOf = new Map<string, string>();

  function set(connectionId: string, awaited: readonly AwaitedCommand[]): void {
    for (const { id } of ofConnections.get(connectionId) ?? []) connectionOf.delete(id);
    for (const { id } of awaited) connectionOf.set(id, connectionId);
    if (awaited.length === 0) ofConnections.delete(connectionId);
    else ofConnections.set(connectionId, awaited);
  }

  function add(connectionId: string, command: AwaitedCommand): void {
    const before = ofConnections.get(connectionId) ?? [];
    for (const { id } of before.slice(mostAwaited - 1)) connectionOf.delete(id);
    connectionOf.set(command.id, connectionId);
    ofConnections.set(connectionId, [command, ...before.slice(0, mostAwaited - 1)]);
  }

  /** Of what was awaited before, this is left. Meanwhile some may have been sent, and some have ended. */
  function leave(connectionId: string, { before, after }: Left): void {
    const sent = (ofConnections.get(connectionId) ?? []).filter((command) => !before.includes(command));
    set(connectionId, [...sent, ...after.filter(({ id }) => connectionOf.has(id))]);
  }

  function tell(facts: readonly StationFact[]): {
    readonly told: readonly ToldNotification[];
    readonly left: ReadonlyMap<string, Left>;
  } {
    const left = new Map<string, Left>();
    if (ofConnections.size === 0) return { told: [], left };
    const told = facts.flatMap((fact) => {
      const { connectionId } = fact;
      const before = left.get(connectionId)?.before ?? ofConnections.get(connectionId);
      if (before === undefined) return [];
      if (fact.kind === 'connection_closed') {
        left.set(connectionId, { before, after: [] });
        return [];
      }
      const awaited = left.get(connectionId)?.after ?? before;
      const now = 'receivedAt' in fact ? fact.receivedAt : fact.at;
      const news = notificationsBy(fact, awaited, now);
      if (news.length > 0 || awaited.some(({ until }) => until <= now)) {
        left.set(connectionId, { before, after: afterwards(awaited, news, now) });
      }
      return news;
    });
    return { told, left };
  }

  return {
    /** The command was sent over the connection, or is about to be. */
    sent({ connectionId, ...command }: RemoteCommand & { readonly connectionId: string }): void {
      const until = awaitedUntil(command);
      if (until === undefined) return;
      const { tenantId, id, command: name, parameters } = command;
      const awaited = { tenantId, id, command: name, parameters, until, notifications: [] };
      add(connectionId, awaited);
    },

    /** Nothing more is awaited of a command. */
    ended(id: string): void {
      const connectionId = connectionOf.get(id);
      if (connectionId === undefined) return;
      set(
        connectionId,
        (ofConnections.get(connectionId) ?? []).filter((command) => command.id !== id),
      );
    },

    toldBy(facts: readonly StationFact[]): ToldByGroup {
      const opened = facts.filter((fact) => fact.kind === 'connection_opened');
      const { told, left } = tell(facts);
      return {
        statements: [
          ...(told.length > 0 ? [toldStatement(told)] : []),
          ...(opened.length > 0 ? [awaitedStatement(opened)] : []),
        ],
        committed(rows) {
          for (const [connectionId, awaited] of left) leave(connectionId, awaited);
          if (opened.length === 0) return;
          const read = (rows.at(-1) ?? []) as AwaitedRow[];
          for (const { connection_id: connectionId, ...row } of read.toReversed()) {
            add(connectionId, awaitedIn(row));
          }
        },
      };
    },
  };
}

function afterwards(awaited: readonly AwaitedCommand[], news: readonly ToldNotification[], now: Date) {
  return awaited.flatMap((command) => {
    const one = news.find(({ of }) => of === command);
    if (one?.isLast === true || command.until <= now) return [];
    return one === undefined
      ? [command]
      : [{ ...command, notifications: [...command.notifications, one.notification] }];
  });
}

type AwaitedRow = Omit<AwaitedCommand, 'tenantId' | 'until'> & {
  readonly tenant_id: string;
  readonly awaited_until: Date;
  readonly connection_id: string;
};

function awaitedIn({
  tenant_id: tenantId,
  awaited_until: until,
  ...command
}: Omit<AwaitedRow, 'connection_id'>): AwaitedCommand {
  return { ...command, tenantId, until };
}

function awaitedStatement(opened: readonly ConnectionOpened[]): Statement {
  return {
    text: `select r.tenant_id, r.id, r.command, r.parameters, r.awaited_until, f.connection_id,
                  array_to_json(r.notifications) as notifications
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
             as f (tenant_id, station_id, connection_id, at)
           join remote_commands r on r.tenant_id = f.tenant_id and r.charging_station_id = f.station_id
             and r.awaited_until is not null and r.awaited_until > f.at
           order by r.id desc`,
    values: [
      column(opened, ({ tenantId }) => tenantId),
      column(opened, ({ chargingStationId }) => chargingStationId),
      column(opened, ({ connectionId }) => connectionId),
      column(opened, ({ at }) => at),
    ],
  };
}

/** SQL of a notification, of columns of these names. */
export const notificationSql = (columns: {
  readonly at: string;
  readonly action: string;
  readonly status?: string;
  readonly connectorNumber?: string;
  readonly transactionId?: string;
  readonly info?: string;
  readonly stationFileId?: string;
}) => `json_build_object('at', ${columns.at}, 'action', ${columns.action}, 'status', ${columns.status ?? null},
  'connectorNumber', ${columns.connectorNumber ?? null}, 'transactionId', ${columns.transactionId ?? null},
  'info', ${columns.info ?? null}, 'stationFileId', ${columns.stationFileId ?? null})`;

function toldStatement(told: readonly ToldNotification[]): Statement {
  const started = told.map(({ fact }) => (fact.kind === 'transaction_started' ? fact : undefined));
  const notification = notificationSql({
    at: 'f.at',
    action: 'f.action',
    status: 'f.status',
    connectorNumber: 'f.told_number',
    transactionId: `coalesce(f.transaction_id, (select t.id from transactions t where ${sameStart('t', 'f')}))`,
    info: 'f.info',
  });
  return {
    text: `update remote_commands r
           set notifications = r.notifications || told.notifications,
               awaited_until = case when not told.is_last then r.awaited_until end,
               updated_at = ${nextVersion('told.at', 'r.updated_at')}
           from (
             select f.tenant_id, f.id, array_agg(${notification} order by f.place) as notifications,
                    bool_or(f.is_last) as is_last, max(f.at::timestamptz) as at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[], $8::text[],
                         $9::boolean[], $10::uuid[], $11::int[], $12::timestamptz[], $13::text[], $14::bigint[])
               with ordinality
               as f (tenant_id, id, at, action, status, told_number, transaction_id, info, is_last,
                     charging_station_id, connector_number, started_at, driver_token_key, meter_start_wh, place)
             group by f.tenant_id, f.id
           ) told
           where r.tenant_id = told.tenant_id and r.id = told.id`,
    values: [
      column(told, ({ of }) => of.tenantId),
      column(told, ({ of }) => of.id),
      column(told, ({ notification: { at } }) => at.toISOString()),
      column(told, ({ notification: { action } }) => action),
      column(told, ({ notification: { status } }) => status),
      column(told, ({ notification: { connectorNumber } }) => connectorNumber),
      column(told, ({ notification: { transactionId } }) => transactionId),
      column(told, ({ notification: { info } }) => info),
      column(told, ({ isLast }) => isLast),
      column(started, (fact) => fact?.chargingStationId),
      column(started, (fact) => fact?.connectorNumber),
      column(started, (fact) => fact?.startedAt),
      column(started, (fact) => fact && caselessText(fact.driverToken)),
      column(started, (fact) => fact?.meterStartWh),
    ],
  };
}

/** No longer awaits what did not come in time. */
export async function forgetAwaited(database: Database, now: Date): Promise<void> {
  await inEveryTenant(database, [
    {
      text: 'update remote_commands set awaited_until = null where awaited_until is not null and awaited_until < $1',
      values: [now],
    },
  ]);
}
