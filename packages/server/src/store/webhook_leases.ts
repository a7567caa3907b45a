// Which webhooks this process delivers. One is leased for a few seconds by the clock of the database; whoever holds the lease
// alone writes its progress.

import type { CompanyVisibility, CompanyVisibilityMode } from '../domain/index.ts';
import { bindingFrom } from './company_binding.ts';
import type { Database } from './database.ts';
import type { EventPosition } from './events.ts';
import { everyTenant, inEveryTenant } from './every_tenant.ts';
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

type LeasedRow = Omit<LeasedWebhook, 'company' | 'position'> & {
  readonly companyId: string | null;
  readonly visibility: CompanyVisibilityMode | null;
  readonly positionTx: string;
  readonly positionSeq: string;
  readonly positionAt: Date;
};

/** Milliseconds that a lease lasts. */
export const webhookLeaseMs = 5_000;
const leasedFor = `interval '${webhookLeaseMs} milliseconds'`;

export function webhookLeasesIn(database: Database) {
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
