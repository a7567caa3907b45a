// How far a webhook has come: up to where all is delivered, what waits from then on, how often it failed.

import { sentRows } from './columns.ts';
import type { Database, Statement } from './database.ts';
import type { EventPosition, StoredEvent } from './events.ts';
import { isByRight } from './webhook_caller.ts';
import type { LeasedWebhook } from './webhook_leases.ts';

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

export function webhookProgressIn(database: Database) {
  return {
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

const parkedRows = sentRows<Parked>(
  [
    ['tx', 'bigint', (event) => event.tx],
    ['seq', 'bigint', (event) => event.seq],
    ['at', 'timestamptz', (event) => event.at],
    ['charging_station_id', 'uuid', (event) => event.chargingStationId],
    ['attempts', 'integer', (event) => event.attempts],
    ['failing_since', 'timestamptz', (event) => event.failingSince],
    ['next_attempt_at', 'timestamptz', (event) => event.nextAttemptAt],
  ],
  { after: 2 },
);

function parkedStatement(tenantId: string, id: string, parked: readonly Parked[]): Statement {
  return {
    text: `insert into webhook_deliveries as d (tenant_id, webhook_id, ${parkedRows.names})
           select $1, $2, f.* from ${parkedRows.from}
           on conflict (tenant_id, webhook_id, tx, seq) do update
           set attempts = excluded.attempts, failing_since = excluded.failing_since,
               next_attempt_at = excluded.next_attempt_at`,
    values: [tenantId, id, ...parkedRows.values(parked)],
  };
}

function allDueStatement(tenantId: string, id: string): Statement {
  return {
    text: 'update webhook_deliveries set next_attempt_at = null where tenant_id = $1 and webhook_id = $2',
    values: [tenantId, id],
  };
}

const doneRows = sentRows<Pick<EventPosition, 'tx' | 'seq'>>(
  [
    ['tx', 'bigint', (event) => event.tx],
    ['seq', 'bigint', (event) => event.seq],
  ],
  { after: 2 },
);

function doneStatement(
  tenantId: string,
  id: string,
  done: readonly Pick<EventPosition, 'tx' | 'seq'>[],
): Statement {
  return {
    text: `delete from webhook_deliveries where tenant_id = $1 and webhook_id = $2
             and (tx, seq) in (select * from ${doneRows.from})`,
    values: [tenantId, id, ...doneRows.values(done)],
  };
}
