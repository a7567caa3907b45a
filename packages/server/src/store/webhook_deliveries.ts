// Which webhooks this process delivers, how far each has come, and what waits because a receiver did not take it. A webhook
// is leased for a few seconds by the clock of the database; whoever holds the lease alone writes its progress.

import type { CompanyVisibility, CompanyVisibilityMode } from '../domain/index.ts';
import { column } from './columns.ts';
import { bindingFrom } from './company_binding.ts';
import type { Database, Statement } from './database.ts';
import { everyTenant, inEveryTenant } from './every_tenant.ts';
import type { EventPosition, StoredEvent } from './events.ts';
import { isByRight } from './webhook_caller.ts';

/** A webhook as it is delivered. */
export type LeasedWebhook = {
  readonly tenantId: string;
  readonly id: string;
  readonly url: string;
  /** null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly company: CompanyVisibility | undefined;
  readonly secret: string;
  readonly previousSecret: string | null;
  readonly previousSecretUntil: Date | null;
  readonly position: EventPosition;
  /** How often it was told to go back. */
  readonly sentBack: number;
  /** Of what somebody wrote in it. */
  readonly version: string;
  /** Attempts since the receiver took something last. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Nothing is sent before. */
  readonly nextAttemptAt: Date | null;
};

/** An event that waits, the first of its station. */
export type WaitingDelivery = StoredEvent & {
  readonly attempts: number;
  readonly failingSince: Date | null;
};

/** What became of attempts. */
export type Progress = {
  /** Up to here all is delivered, or waits; undefined: as far as before. */
  readonly to?: EventPosition | undefined;
  /** What waits from now on, in order. */
  readonly parked?: readonly Parked[];
  /** What waits no longer. */
  readonly done?: readonly Pick<EventPosition, 'tx' | 'seq'>[];
  /** All that waits is to be tried at once. */
  readonly allDue?: boolean;
  readonly leftOut?: number | undefined;
  readonly deliveredAt?: Date | undefined;
  readonly error?: { readonly text: string; readonly at: Date } | undefined;
  readonly failures?: number;
  readonly failingSince?: Date | null;
  readonly nextAttemptAt?: Date | null;
  readonly pauseReason?: 'failing' | 'gone' | undefined;
};

export type Parked = Pick<StoredEvent, 'tx' | 'seq' | 'at' | 'chargingStationId'> & {
  readonly attempts: number;
  readonly failingSince: Date | undefined;
  readonly nextAttemptAt: Date | undefined;
};

type LeasedRow = Omit<LeasedWebhook, 'company' | 'position'> & {
  readonly companyId: string | null;
  readonly visibility: CompanyVisibilityMode | null;
  readonly positionTx: string;
  readonly positionSeq: string;
  readonly positionAt: Date;
};
type WaitingRow = Omit<WaitingDelivery, 'tx' | 'seq'> & { readonly tx: string; readonly seq: string };

const leasedFor = "interval '5 seconds'";

const waitingColumns = `d.tx, d.seq, d.at, e.type, d.charging_station_id as "chargingStationId", e.data, d.attempts,
  d.failing_since as "failingSince", st.company_id as "companyId",
  array(select a.ancestor_id::text from company_ancestors a
        where a.tenant_id = d.tenant_id and a.company_id = st.company_id) as "ancestorIds"`;

export function webhookDeliveriesIn(database: Database) {
  const readingTenants = async (now: Date) =>
    (await database.query<{ id: string }>('select id from tenants where events_read_until > $1', [now])).map(
      ({ id }) => id,
    );

  return {
    /** Answers the tenants that have webhooks. */
    async tenants(): Promise<string[]> {
      const [rows] = await database.transaction(await everyTenant(database), [
        { text: 'select distinct tenant_id as id from webhooks', values: [] },
      ]);
      return (rows as { id: string }[]).map(({ id }) => id);
    },

    /** Leases what nobody else delivers, and what this process does already. Answers all that it has. */
    async lease(owner: string, now: Date): Promise<LeasedWebhook[]> {
      const tenants = await readingTenants(now);
      if (tenants.length === 0) return [];
      const [rows] = await database.transaction(tenants, [
        {
          text: `update webhooks s set leased_by = $1, leased_until = clock_timestamp() + ${leasedFor}
                 from (
                   select s.tenant_id, s.id from webhooks s
                   where s.state = 'active' and ${isByRight}
                     and (s.leased_by = $1 or s.leased_until is null or s.leased_until < clock_timestamp())
                   for update of s skip locked
                 ) free
                 where s.tenant_id = free.tenant_id and s.id = free.id
                 returning s.tenant_id as "tenantId", s.id, s.url, s.event_types as "eventTypes",
                           s.company_id as "companyId", s.visibility, s.secret,
                           s.previous_secret as "previousSecret", s.previous_secret_until as "previousSecretUntil",
                           s.position_tx as "positionTx", s.position_seq as "positionSeq",
                           s.position_at as "positionAt", s.sent_back as "sentBack", s.updated_at::text as version, s.failures, s.failing_since as "failingSince",
                           s.next_attempt_at as "nextAttemptAt"`,
          values: [owner],
        },
      ]);
      return (rows as LeasedRow[]).map(
        ({ companyId, visibility, positionTx, positionSeq, positionAt, ...row }) => ({
          ...row,
          company: bindingFrom({ companyId, visibility }),
          position: { tx: Number(positionTx), seq: Number(positionSeq), at: positionAt },
        }),
      );
    },

    /** Lets others deliver what this process did. */
    async letGo(owner: string): Promise<void> {
      await inEveryTenant(database, [
        { text: 'update webhooks set leased_until = null where leased_by = $1', values: [owner] },
      ]);
    },

    /**
     * Answers the first waiting event of each station that is to be tried now, the longest waiting first.
     *
     * @param of.now undefined: whenever it is to be tried
     */
    async due(
      { tenantId, id }: LeasedWebhook,
      { now, limit }: { now: Date | undefined; limit: number },
    ): Promise<WaitingDelivery[]> {
      const rows = await database.queryAs<WaitingRow>(
        tenantId,
        `select ${waitingColumns} from (
           select distinct on (charging_station_id) * from webhook_deliveries
           where tenant_id = $1 and webhook_id = $2 order by charging_station_id, tx, seq
         ) d
         join events e on e.tenant_id = d.tenant_id and e.tx = d.tx and e.seq = d.seq and e.at = d.at
         left join charging_stations st on st.tenant_id = d.tenant_id and st.id = d.charging_station_id
         where d.next_attempt_at is null or $3::timestamptz is null or d.next_attempt_at <= $3
         order by d.next_attempt_at nulls first, d.tx, d.seq limit $4`,
        [tenantId, id, now ?? null, limit],
      );
      return rows.map((row) => ({ ...row, tx: Number(row.tx), seq: Number(row.seq) }));
    },

    /** Answers what waits of one station, in order. */
    async ofStation(
      { tenantId, id }: LeasedWebhook,
      chargingStationId: string,
      limit: number,
    ): Promise<WaitingDelivery[]> {
      const rows = await database.queryAs<WaitingRow>(
        tenantId,
        `select ${waitingColumns} from webhook_deliveries d
         join events e on e.tenant_id = d.tenant_id and e.tx = d.tx and e.seq = d.seq and e.at = d.at
         left join charging_stations st on st.tenant_id = d.tenant_id and st.id = d.charging_station_id
         where d.tenant_id = $1 and d.webhook_id = $2 and d.charging_station_id = $3
         order by d.tx, d.seq limit $4`,
        [tenantId, id, chargingStationId, limit],
      );
      return rows.map((row) => ({ ...row, tx: Number(row.tx), seq: Number(row.seq) }));
    },

    /** Answers the stations of which something waits, and how much does in all. What is no event any more goes. */
    async waiting({ tenantId, id }: LeasedWebhook): Promise<{ stations: Set<string>; count: number }> {
      const [, rows] = await database.transaction(
        [tenantId],
        [
          {
            text: `delete from webhook_deliveries d where d.tenant_id = $1 and d.webhook_id = $2 and not exists (
                     select from events e
                     where e.tenant_id = d.tenant_id and e.tx = d.tx and e.seq = d.seq and e.at = d.at)`,
            values: [tenantId, id],
          },
          {
            text: `select charging_station_id as id, count(*)::int as count from webhook_deliveries
                   where tenant_id = $1 and webhook_id = $2 group by 1`,
            values: [tenantId, id],
          },
        ],
      );
      const ofStations = rows as { id: string; count: number }[];
      return {
        stations: new Set(ofStations.map((row) => row.id)),
        count: ofStations.reduce((sum, { count }) => sum + count, 0),
      };
    },

    /**
     * Keeps progress; nothing where the webhook is another process's by now, is gone, or was sent back meanwhile.
     *
     * @returns whether it is the webhook still that was leased: nobody changed it, it is not paused, and may be sent events
     */
    async keep(
      owner: string,
      { tenantId, id, sentBack, version }: LeasedWebhook,
      progress: Progress,
    ): Promise<boolean> {
      return database.inTransaction(async (session) => {
        const { parked = [], done = [] } = progress;
        const [held] = await session.queryAs<{ version: string; isByRight: boolean }>(
          tenantId,
          `select s.updated_at::text as version, ${isByRight} as "isByRight" from webhooks s
           where s.tenant_id = $1 and s.id = $2 and s.leased_by = $3 and s.sent_back = $4 for update`,
          [tenantId, id, owner, sentBack],
        );
        if (held === undefined) return false;
        await session.transaction(
          [tenantId],
          [
            progressStatement(tenantId, id, progress),
            ...(parked.length > 0 ? [parkedStatement(tenantId, id, parked)] : []),
            ...(done.length > 0 ? [doneStatement(tenantId, id, done)] : []),
            ...(progress.allDue ? [allDueStatement(tenantId, id)] : []),
          ],
        );
        return held.version === version && held.isByRight && progress.pauseReason === undefined;
      });
    },

    /** What an attempt outside of all order came to. */
    async noteAttempt(
      tenantId: string,
      id: string,
      outcome: { readonly at: Date; readonly error: string | undefined },
    ): Promise<void> {
      const { at, error } = outcome;
      const progress = error === undefined ? { deliveredAt: at } : { error: { text: error, at } };
      await database.transaction([tenantId], [progressStatement(tenantId, id, progress)]);
    },

    /** Answers what a webhook is reached by; undefined where there is none. */
    async target(
      tenantId: string,
      id: string,
    ): Promise<Pick<LeasedWebhook, 'url' | 'secret' | 'previousSecret' | 'previousSecretUntil'> | undefined> {
      const [row] = await database.queryAs<LeasedWebhook>(
        tenantId,
        `select url, secret, previous_secret as "previousSecret", previous_secret_until as "previousSecretUntil"
         from webhooks where tenant_id = $1 and id = $2`,
        [tenantId, id],
      );
      return row;
    },
  };
}

function progressStatement(tenantId: string, id: string, progress: Progress): Statement {
  const { to, leftOut = 0, deliveredAt, error, pauseReason } = progress;
  const set: Record<string, unknown> = {
    ...(to && { position_tx: to.tx, position_seq: to.seq, position_at: to.at }),
    ...(deliveredAt && { last_delivered_at: deliveredAt }),
    ...(error && { last_error: error.text, last_error_at: error.at }),
    ...(progress.failures !== undefined && { failures: progress.failures }),
    ...(progress.failingSince !== undefined && { failing_since: progress.failingSince }),
    ...(progress.nextAttemptAt !== undefined && { next_attempt_at: progress.nextAttemptAt }),
    ...(pauseReason && { state: 'paused', pause_reason: pauseReason }),
  };
  const values: unknown[] = [tenantId, id, leftOut];
  const assignments = Object.entries(set).map(([name, value]) => `${name} = $${values.push(value)}`);
  const version = pauseReason === undefined ? [] : [`updated_at = updated_at + interval '1 microsecond'`];
  return {
    text: `update webhooks s set ${['left_out = s.left_out + $3::int', ...assignments, ...version].join(', ')}
           where s.tenant_id = $1 and s.id = $2`,
    values,
  };
}

function parkedStatement(tenantId: string, id: string, parked: readonly Parked[]): Statement {
  return {
    text: `insert into webhook_deliveries as d
             (tenant_id, webhook_id, tx, seq, at, charging_station_id, attempts, failing_since, next_attempt_at)
           select $1, $2, f.* from unnest($3::bigint[], $4::bigint[], $5::timestamptz[], $6::uuid[], $7::int[],
                                          $8::timestamptz[], $9::timestamptz[]) f
           on conflict (tenant_id, webhook_id, tx, seq) do update
           set attempts = excluded.attempts, failing_since = excluded.failing_since,
               next_attempt_at = excluded.next_attempt_at`,
    values: [
      tenantId,
      id,
      column(parked, ({ tx }) => tx),
      column(parked, ({ seq }) => seq),
      column(parked, ({ at }) => at),
      column(parked, ({ chargingStationId }) => chargingStationId),
      column(parked, ({ attempts }) => attempts),
      column(parked, ({ failingSince }) => failingSince),
      column(parked, ({ nextAttemptAt }) => nextAttemptAt),
    ],
  };
}

function allDueStatement(tenantId: string, id: string): Statement {
  return {
    text: 'update webhook_deliveries set next_attempt_at = null where tenant_id = $1 and webhook_id = $2',
    values: [tenantId, id],
  };
}

function doneStatement(
  tenantId: string,
  id: string,
  done: readonly Pick<EventPosition, 'tx' | 'seq'>[],
): Statement {
  return {
    text: `delete from webhook_deliveries where tenant_id = $1 and webhook_id = $2
             and (tx, seq) in (select * from unnest($3::bigint[], $4::bigint[]))`,
    values: [tenantId, id, column(done, ({ tx }) => tx), column(done, ({ seq }) => seq)],
  };
}
