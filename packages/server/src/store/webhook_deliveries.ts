// webhook_deliveries: what waits because a receiver did not take it, in the order of each station.

import type { Database } from './database.ts';
import type { StoredEvent } from './events.ts';
import { webhookLeasesIn } from './webhook_leases.ts';
import type { LeasedWebhook } from './webhook_leases.ts';
import { webhookProgressIn } from './webhook_progress.ts';

/** An event that waits, the first of its station. */
export type WaitingDelivery = StoredEvent & {
  readonly attempts: number;
  readonly failingSince: Date | null;
};

type WaitingRow = Omit<WaitingDelivery, 'tx' | 'seq'> & { readonly tx: string; readonly seq: string };

const waitingColumns = `d.tx, d.seq, d.at, e.type, d.charging_station_id as "chargingStationId", e.data, d.attempts,
  d.failing_since as "failingSince", st.company_id as "companyId",
  array(select a.ancestor_id::text from company_ancestors a
        where a.tenant_id = d.tenant_id and a.company_id = st.company_id) as "ancestorIds"`;

// With the event and the station of each.
const waitingJoins = `join events e on e.tenant_id = d.tenant_id and e.tx = d.tx and e.seq = d.seq and e.at = d.at
  left join charging_stations st on st.tenant_id = d.tenant_id and st.id = d.charging_station_id`;

const inNumbers = (rows: readonly WaitingRow[]): WaitingDelivery[] =>
  rows.map((row) => ({ ...row, tx: Number(row.tx), seq: Number(row.seq) }));

/** What whoever delivers webhooks needs: the leases, the progress, and what waits. */
export function webhookDeliveriesIn(database: Database) {
  return {
    ...webhookLeasesIn(database),
    ...webhookProgressIn(database),

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
         ${waitingJoins}
         where d.next_attempt_at is null or $3::timestamptz is null or d.next_attempt_at <= $3
         order by d.next_attempt_at nulls first, d.tx, d.seq limit $4`,
        [tenantId, id, now ?? null, limit],
      );
      return inNumbers(rows);
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
         ${waitingJoins}
         where d.tenant_id = $1 and d.webhook_id = $2 and d.charging_station_id = $3
         order by d.tx, d.seq limit $4`,
        [tenantId, id, chargingStationId, limit],
      );
      return inNumbers(rows);
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
  };
}
