// POSTs that carried an Idempotency-Key, with the answers they got. The key is claimed in the transaction that creates
// the resource: a second request with the same key waits for the first to commit, and then finds its answer.

import type { Session } from './database.ts';

export type IdempotencyKey = { readonly tenantId: string; readonly callerId: string; readonly key: string };
export type CreatedAnswer = { readonly location: string; readonly body: string; readonly etag: string };
export type RecordedAnswer = CreatedAnswer & { readonly requestHash: string };

const keptForHours = 24;

export function idempotentRequestsIn(session: Session) {
  return {
    /**
     * Claims a key for the running transaction.
     *
     * @returns the answer that was recorded under the key in the last 24 hours; undefined when the key is the caller's now
     */
    async claim(
      { tenantId, callerId, key }: IdempotencyKey,
      { requestHash, now }: { requestHash: string; now: Date },
    ): Promise<RecordedAnswer | undefined> {
      const since = new Date(now.getTime() - keptForHours * 3_600_000);
      await session.queryAs(
        tenantId,
        'delete from idempotent_requests where tenant_id = $1 and caller_id = $2 and key = $3 and created_at < $4',
        [tenantId, callerId, key, since],
      );
      // Those of all callers, or the rows of one that was deleted would stay. Whoever else does the same is not waited for.
      await session.queryAs(
        tenantId,
        `delete from idempotent_requests where tenant_id = $1 and (caller_id, key) in (
           select caller_id, key from idempotent_requests where tenant_id = $1 and created_at < $2
           for update skip locked
         )`,
        [tenantId, since],
      );
      const claimed = await session.queryAs(
        tenantId,
        `insert into idempotent_requests (tenant_id, caller_id, key, request_hash, location, body, etag, created_at)
         values ($1, $2, $3, $4, '', '', '', $5) on conflict do nothing returning 1`,
        [tenantId, callerId, key, requestHash, now],
      );
      if (claimed.length > 0) return undefined;
      const [recorded] = await session.queryAs<RecordedAnswer>(
        tenantId,
        `select request_hash as "requestHash", location, body, etag from idempotent_requests
         where tenant_id = $1 and caller_id = $2 and key = $3`,
        [tenantId, callerId, key],
      );
      return recorded;
    },

    async record(
      { tenantId, callerId, key }: IdempotencyKey,
      { location, body, etag }: CreatedAnswer,
    ): Promise<void> {
      await session.queryAs(
        tenantId,
        `update idempotent_requests set location = $4, body = $5, etag = $6
         where tenant_id = $1 and caller_id = $2 and key = $3`,
        [tenantId, callerId, key, location, body, etag],
      );
    },
  };
}
