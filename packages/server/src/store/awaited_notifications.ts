// Commands of which their station may still say something. The rows say so (`awaited_until`); in memory are those of the
// connections of this process, so that facts of a station that nobody expects anything of cost one look into a map.

import { awaitedUntil, notificationsBy } from '../domain/index.ts';
import type {
  AwaitedCommand,
  ConnectionOpened,
  RemoteCommand,
  StationFact,
  ToldNotification,
  TransactionStarted,
} from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { sentRows } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { inEveryTenant } from './every_tenant.ts';
import { connectionColumns } from './station_connections.ts';
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

const openedRows = sentRows<ConnectionOpened>([
  ...connectionColumns,
  ['at', 'timestamptz', (fact) => fact.at],
]);

function awaitedStatement(opened: readonly ConnectionOpened[]): Statement {
  return {
    text: `select r.tenant_id, r.id, r.command, r.parameters, r.awaited_until, f.connection_id,
                  array_to_json(r.notifications) as notifications
           from ${openedRows.from}
           join remote_commands r on r.tenant_id = f.tenant_id and r.charging_station_id = f.station_id
             and r.awaited_until is not null and r.awaited_until > f.at
           order by r.id desc`,
    values: openedRows.values(opened),
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

type ToldRow = ToldNotification & { readonly started: TransactionStarted | undefined };

const toldRows = sentRows<ToldRow>([
  ['tenant_id', 'uuid', ({ of }) => of.tenantId],
  ['id', 'uuid', ({ of }) => of.id],
  // As JSON has it.
  ['told_at', 'text', ({ notification }) => notification.at.toISOString()],
  ['action', 'text', ({ notification }) => notification.action],
  ['status', 'text', ({ notification }) => notification.status],
  ['told_number', 'integer', ({ notification }) => notification.connectorNumber],
  ['transaction_id', 'bigint', ({ notification }) => notification.transactionId],
  ['info', 'text', ({ notification }) => notification.info],
  ['is_last', 'boolean', ({ isLast }) => isLast],
  // A transaction that began has its number from the database, by what begins the same.
  ['charging_station_id', 'uuid', ({ started }) => started?.chargingStationId],
  ['connector_number', 'integer', ({ started }) => started?.connectorNumber],
  ['started_at', 'timestamptz', ({ started }) => started?.startedAt],
  ['driver_token_key', 'text', ({ started }) => started && caselessText(started.driverToken)],
  ['meter_start_wh', 'bigint', ({ started }) => started?.meterStartWh],
]);

function toldStatement(told: readonly ToldNotification[]): Statement {
  const notification = notificationSql({
    at: 'f.told_at',
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
             select f.tenant_id, f.id, array_agg(${notification} order by f.at) as notifications,
                    bool_or(f.is_last) as is_last, max(f.told_at::timestamptz) as at
             from ${toldRows.inOrder}
             group by f.tenant_id, f.id
           ) told
           where r.tenant_id = told.tenant_id and r.id = told.id`,
    values: toldRows.values(
      told.map((each) => ({
        ...each,
        started: each.fact.kind === 'transaction_started' ? each.fact : undefined,
      })),
    ),
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
