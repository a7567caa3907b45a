// How a remote command goes from whoever orders it to the process that holds its station's connection: each step is one
// statement, for the commands of many at once, which commits before anything follows from it (written_together.ts).
// Processes tell each other of it by the bus, from within the statement.
//
// Whether there is time left is a matter of the database's clock alone.

import { awaitedUntil, isFollowed } from '../domain/index.ts';
import type { RemoteCommand, StationOffer, UploadGrant } from '../domain/index.ts';
import { askedTogether } from './asked_together.ts';
import type { AwaitedNotifications } from './awaited_notifications.ts';
import { dueStatement, endStatement, passOnStatement } from './command_ends.ts';
import type { Ended } from './command_ends.ts';
import { sentRows, tenantIdsOf } from './columns.ts';
import { fetchedStatement } from './configurations.ts';
import type { Database, Statement } from './database.ts';
import { everyTenant } from './every_tenant.ts';
import { declinedStatement, offerStatement } from './station_offers.ts';
import { nextVersion } from './versions.ts';
import type { WritesOf } from './written_together.ts';

type Which = Pick<RemoteCommand, 'tenantId' | 'id'>;

export type Claim = RemoteCommand & {
  readonly node: string;
  readonly connectionId: string;
  readonly at: Date;
  /** What the station is told to connect with. */
  readonly offer?: StationOffer | undefined;
  /** What the station may upload with. */
  readonly grant?: UploadGrant | undefined;
};

/** The remaining time is told, not the deadline: clocks of processes and of the database may differ. */
export type PendingCommand = Omit<RemoteCommand, 'deadline'> & {
  readonly leftMs: number;
  /** Its parameters are not those that are stored. */
  readonly hasSecret: boolean;
};

type AskedFor = Pick<Which, 'tenantId'> & ({ readonly id: string } | { readonly chargingStationId: string });

const mostTogether = 200;
// More than a connection has waiting (ocpp/outgoing_calls.ts). The rest is read when these are sent: somebody may order
// thousands, of a megabyte each.
const mostOfStation = 32;
/** All throw {Unavailable}. */
export function commandDeliveryOn(
  database: Database,
  { writesOf, newId, awaited }: { writesOf: WritesOf; newId: () => string; awaited: AwaitedNotifications },
) {
  return {
    /**
     * Marks a command as sent: by one process alone, for the station's present connection, before the deadline.
     *
     * @returns whether it may be sent now
     */
    claim: writesOf<Claim, boolean>({
      statements(claims) {
        const withGrants = claims.filter(({ grant }) => grant !== undefined);
        return [
          claimStatement(claims),
          ...(withGrants.length > 0 ? [grantStatement(withGrants)] : []),
          ...claims.flatMap(({ offer, ...claim }) =>
            offer === undefined ? [] : [offerStatement({ ...claim, offer })],
          ),
        ];
      },
      answers(claims, [ids = []]) {
        const rows = ids as { id: string; connection_id: string }[];
        const isClaimed = claims.map(({ id, connectionId }) =>
          rows.some((row) => row.id === id && row.connection_id === connectionId),
        );
        for (const [at, claim] of claims.entries()) if (isClaimed[at] === true) awaited.sent(claim);
        return isClaimed;
      },
    }),

    /**
     * Ends a command that has not ended yet, and tells the process that ordered it.
     *
     * @returns whether it was this that ended it
     */
    end: writesOf<Ended, boolean>({
      statements(ends) {
        const told = ends.flatMap(({ configuration }) => configuration ?? []);
        return [
          endStatement(ends),
          ...told.map((fetched) => fetchedStatement(fetched, newId)),
          ...ends.flatMap(({ declined }) => (declined === undefined ? [] : [declinedStatement(declined)])),
        ];
      },
      answers(ends, [ids]) {
        for (const { id, end } of ends) if (!isFollowed(end)) awaited.ended(id);
        return whetherIn(ids, ends);
      },
    }),

    /** Tells the process that has the station now of a command that `node` could not send. Where there is none, nobody may wait. */
    async passOn(command: Which & { node: string; at: Date }): Promise<void> {
      await database.transaction([command.tenantId], [passOnStatement(command)]);
    },

    /** Answers commands that are to be sent: that of an id, or the oldest of a station whose parameters are stored. */
    pendingOf: askedTogether(async (asked: readonly AskedFor[]) => {
      const [rows] = await database.transaction(tenantIdsOf(asked), [pendingStatement(asked)]);
      const pending = rows as (PendingRow & { at: number })[];
      return asked.map((_, at) => pending.filter((row) => row.at === at + 1).map(commandIn));
    }, mostTogether),

    /** Answers which of the commands have ended. */
    async endedOf(commands: readonly Which[]): Promise<ReadonlySet<string>> {
      const [rows] = await database.transaction(tenantIdsOf(commands), [
        {
          text: `select r.id from ${whichRows.from}
                 cross join lateral (${byId('r.id, r.finished_at')}) r where r.finished_at is not null`,
          values: whichRows.values(commands),
        },
      ]);
      return new Set((rows as { id: string }[]).map(({ id }) => id));
    },

    /** Ends what nobody will end any more, and answers what this process should have sent by now, as far as it is stored. */
    async sweep(node: string, now: Date): Promise<PendingCommand[]> {
      const [, rows] = await database.transaction(await everyTenant(database), [
        dueStatement(now),
        leftStatement(node),
      ]);
      return (rows as PendingRow[]).map(commandIn);
    },
  };
}

// "offset 0": by its key, whatever the statistics of the states are.
const byId = (columns: string) =>
  `select ${columns} from remote_commands r where r.tenant_id = f.tenant_id and r.id = f.id offset 0`;

const whichRows = sentRows<Which>([
  ['tenant_id', 'uuid', (command) => command.tenantId],
  ['id', 'uuid', (command) => command.id],
]);

const claimed = sentRows<Claim>([
  ['tenant_id', 'uuid', (claim) => claim.tenantId],
  ['id', 'uuid', (claim) => claim.id],
  ['connection_id', 'uuid', (claim) => claim.connectionId],
  ['node', 'text', (claim) => claim.node],
  ['at', 'timestamptz', (claim) => claim.at],
  ['awaited_until', 'timestamptz', awaitedUntil],
]);

function claimStatement(claims: readonly Claim[]): Statement {
  return {
    text: `update remote_commands r
           set state = 'sent', sent_at = f.at, sent_by = f.node, awaited_until = f.awaited_until,
               updated_at = ${nextVersion('f.at', 'r.updated_at')}
           from ${claimed.from}
           where r.tenant_id = f.tenant_id and r.id = f.id and r.state = 'pending'
             and r.deadline_at > clock_timestamp()
             and exists (select from station_connections c
                         where c.tenant_id = r.tenant_id and c.charging_station_id = r.charging_station_id
                           and c.connection_id = f.connection_id)
           returning r.id, f.connection_id`,
    values: claimed.values(claims),
  };
}

const granted = sentRows<Claim>([
  ['tenant_id', 'uuid', (claim) => claim.tenantId],
  ['id', 'uuid', (claim) => claim.id],
  ['node', 'text', (claim) => claim.node],
  ['token_hash', 'text', (claim) => claim.grant?.tokenHash],
  ['expires_at', 'timestamptz', (claim) => claim.grant?.expiresAt],
]);

/** Of claims that were of no avail it grants nothing. */
function grantStatement(claims: readonly Claim[]): Statement {
  return {
    text: `insert into station_uploads (tenant_id, token_hash, remote_command_id, expires_at)
           select f.tenant_id, f.token_hash, f.id, f.expires_at
           from ${granted.from}
           join remote_commands r on r.tenant_id = f.tenant_id and r.id = f.id and r.state = 'sent' and r.sent_by = f.node`,
    values: granted.values(claims),
  };
}

type PendingRow = {
  readonly tenant_id: string;
  readonly id: string;
  readonly charging_station_id: string;
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly upload_url: string | null;
  readonly left_ms: number;
  readonly has_secret: boolean;
};

const pendingColumns = `r.tenant_id, r.id, r.charging_station_id, r.command, r.parameters, r.upload_url, r.has_secret,
  (extract(epoch from r.deadline_at - clock_timestamp()) * 1000)::integer as left_ms`;

const askedFor = sentRows<AskedFor>([
  ['tenant_id', 'uuid', (asked) => asked.tenantId],
  ['id', 'uuid', (asked) => ('id' in asked ? asked.id : undefined)],
  ['station_id', 'uuid', (asked) => ('chargingStationId' in asked ? asked.chargingStationId : undefined)],
]);

function pendingStatement(asked: readonly AskedFor[]): Statement {
  return {
    text: `select f.at::integer, ${pendingColumns}
           from ${askedFor.inOrder}
           cross join lateral (
             select * from (${byId('r.*')}) r where r.state = 'pending'
             union all
             (select * from remote_commands o
              where o.tenant_id = f.tenant_id and o.charging_station_id = f.station_id and o.state = 'pending'
                and not o.has_secret
              order by o.id limit ${mostOfStation})
           ) r
           where r.deadline_at > clock_timestamp()
           order by f.at, r.id`,
    values: askedFor.values(asked),
  };
}

function commandIn(row: PendingRow): PendingCommand {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    chargingStationId: row.charging_station_id,
    command: row.command,
    parameters: row.parameters,
    uploadUrl: row.upload_url ?? undefined,
    leftMs: row.left_ms,
    hasSecret: row.has_secret,
  };
}

/** What was told to this process, and did not arrive. */
function leftStatement(node: string): Statement {
  return {
    text: `select ${pendingColumns}
           from (
             select r.*, row_number() over (partition by r.tenant_id, r.charging_station_id order by r.id) as place
             from remote_commands r
             join station_connections c
               on c.tenant_id = r.tenant_id and c.charging_station_id = r.charging_station_id
               and c.connection_id is not null and c.node = $1
             where r.state = 'pending' and r.deadline_at > clock_timestamp() and not r.has_secret
           ) r
           where r.place <= ${mostOfStation}
           order by r.id`,
    values: [node],
  };
}

function whetherIn(rows: readonly unknown[] | undefined, commands: readonly Which[]): boolean[] {
  const ids = new Set((rows as { id: string }[]).map(({ id }) => id));
  return commands.map(({ id }) => ids.has(id));
}
