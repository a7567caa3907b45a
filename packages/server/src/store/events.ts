// events: what happened, written in the transaction of what happened (an outbox), and read in an order in which nothing is
// ever passed over. They are written only for tenants whose events somebody reads (`attend`).
//
// The order is (tx, seq): the transaction's number, and within it a count. Transactions end in another order than they
// begin, so readers read only as far as every transaction has ended (docs/decisions/events_in_the_order_of_transactions.md).

import type { EventType } from '@chargeyard/contract/events';
import { tellingAll } from './bus.ts';
import type { Database, Session } from './database.ts';
import { inEveryTenant } from './every_tenant.ts';
import type { PartitionedTable } from './time_partitions.ts';

/** A place in the order of events. */
export type EventPosition = {
  readonly tx: number;
  readonly seq: number;
  /** Roughly when: events from before may be gone. */
  readonly at: Date;
};

export type StoredEvent = EventPosition & {
  readonly type: string;
  readonly chargingStationId: string;
  /** JSON. */
  readonly data: string;
  /** The station's company now; null where the station is gone. */
  readonly companyId: string | null;
  /** That company and those above it. */
  readonly ancestorIds: readonly string[];
};

/** The topic of hints that a tenant, whose id is the message, has new events. */
export const eventsTopic = 'events';

export const eventPartitions: PartitionedTable = {
  name: 'events',
  instant: 'at',
  received: 'at',
  period: 'day',
  retention: 'event_days',
};

// A client that comes back within this time has missed nothing.
const readForMs = 7 * 24 * 60 * 60 * 1000;
const attendedEveryMs = 60 * 60 * 1000;

/** SQL of an instant as JSON has it. */
export const instantJson = (instant: string) =>
  `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * Answers the SQL that writes events, a statement or a part of one.
 *
 * @param of.from  names rows with tenant_id and charging_station_id, `e` in what follows
 * @param of.at    SQL of the instant, by our clock, at which it happened
 * @param of.data  by name, SQL of what is told
 * @param of.joins what else is needed for that, evaluated only where events are read
 */
export function eventInsert(
  type: EventType,
  of: {
    readonly from: string;
    readonly at: string;
    readonly data: Readonly<Record<string, string>>;
    readonly joins?: string;
    readonly where?: string;
    readonly order?: string;
  },
): string {
  const members = Object.entries(of.data).map(([name, sql]) => `'${name}', ${sql}`);
  // "offset 0": whether anybody reads is asked before anything else. Instants are those that ids tell, to the millisecond.
  return `insert into events (tenant_id, tx, at, type, charging_station_id, data)
    select e.tenant_id, (select ahead from event_order) + pg_current_xact_id()::text::bigint,
           date_trunc('milliseconds', ${of.at}), '${type}', e.charging_station_id,
           json_build_object(${members.join(', ')})::text
    from (
      select e.* from ${of.from} e
      join tenants reader on reader.id = e.tenant_id and reader.events_read_until > ${of.at} offset 0
    ) e ${of.joins ?? ''}
    where ${of.where ?? 'true'} ${of.order === undefined ? '' : `order by ${of.order}`}
    returning ${tellingAll(eventsTopic, 'tenant_id')}`;
}

/** SQL of the number of the first transaction that may still be under way. */
const settledBefore =
  '(select ahead + pg_snapshot_xmin(pg_current_snapshot())::text::bigint from event_order)';

type EventRow = Omit<StoredEvent, 'tx' | 'seq'> & { readonly tx: string; readonly seq: string };

export function eventsIn(session: Session) {
  return {
    /**
     * Has events of tenants written for another week.
     *
     * @returns the instants since when each's are, without a break
     */
    async attend(tenantIds: readonly string[], now: Date): Promise<Map<string, Date>> {
      const rows = await session.query<{ id: string; since: Date }>(
        `with attended as (
           update tenants
           set events_read_since = case when events_read_until > $2 then events_read_since else $2 end,
               events_read_until = $3
           where id = any ($1::uuid[]) and (events_read_until < $4 or events_read_until is null)
           returning id, events_read_since
         )
         select t.id, coalesce(a.events_read_since, t.events_read_since) as since
         from tenants t left join attended a on a.id = t.id where t.id = any ($1::uuid[])`,
        [
          tenantIds,
          now,
          new Date(now.getTime() + readForMs),
          new Date(now.getTime() + readForMs - attendedEveryMs),
        ],
      );
      return new Map(rows.map(({ id, since }) => [id, since]));
    },

    /** Answers the instant from which on a tenant's events are all there. */
    async keptSince(tenantId: string, now: Date): Promise<Date> {
      const [row] = await session.query<{ since: Date | null }>(
        `select greatest(events_read_since, $2::timestamptz - make_interval(days => event_days)) as since
         from tenants where id = $1 and events_read_until > $2`,
        [tenantId, now],
      );
      return row?.since ?? now;
    },

    /** Answers the place behind all that has ended: what is under way comes after it. */
    async present(now: Date): Promise<EventPosition> {
      const [row] = await session.query<{ tx: string }>(`select ${settledBefore} as tx`);
      return { tx: Number(row?.tx), seq: 0, at: now };
    },

    /** Answers the place before all that is kept. */
    beginning: (at: Date): EventPosition => ({ tx: 0, seq: 0, at }),

    /** Answers a tenant's next events after a place, in order, and the place up to which that is all. */
    async after(
      tenantId: string,
      position: EventPosition,
      { limit, now }: { limit: number; now: Date },
    ): Promise<{ events: StoredEvent[]; end: EventPosition }> {
      // Asked for before the events are, so it is not ahead of them.
      const present = await this.present(now);
      const rows = await session.queryAs<EventRow>(
        tenantId,
        `select e.tx, e.seq, e.at, e.type, e.charging_station_id as "chargingStationId", e.data,
                s.company_id as "companyId",
                array(select a.ancestor_id::text from company_ancestors a
                      where a.tenant_id = $1 and a.company_id = s.company_id) as "ancestorIds"
         from (
           select * from events
           where tenant_id = $1 and (tx, seq) > ($2::bigint, $3::bigint) and tx < ${settledBefore}
             and at > $4::timestamptz - interval '1 day'
           order by tx, seq limit $5
         ) e
         left join charging_stations s on s.tenant_id = $1 and s.id = e.charging_station_id
         order by e.tx, e.seq`,
        [tenantId, position.tx, position.seq, position.at, limit],
      );
      const events = rows.map((row) => ({ ...row, tx: Number(row.tx), seq: Number(row.seq) }));
      const last = events.at(-1);
      const end = last ?? position;
      return { events, end: events.length < limit && isBefore(end, present) ? present : end };
    },
  };
}

/** Answers whether a place is before another. */
export function isBefore(one: EventPosition, other: EventPosition): boolean {
  return one.tx < other.tx || (one.tx === other.tx && one.seq < other.seq);
}

/**
 * Has new events follow those that are there, also where these came with a dump from a server whose transactions have
 * higher numbers. To be called before anything is written.
 */
export async function goOnWithEvents(database: Database): Promise<void> {
  await inEveryTenant(database, [
    {
      text: `update event_order
             set ahead = known.tx + 1 - pg_snapshot_xmax(pg_current_snapshot())::text::bigint
             from (
               select greatest(
                 (select max(newest.tx) from tenants t cross join lateral (
                   select e.tx from events e where e.tenant_id = t.id order by e.tx desc limit 1
                 ) newest),
                 (select max(position_tx) from webhooks)) as tx
             ) known
             where known.tx > ahead + pg_snapshot_xmax(pg_current_snapshot())::text::bigint`,
      values: [],
    },
  ]);
}
