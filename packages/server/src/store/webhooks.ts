// webhooks, as their resource: who is bound to a company sees those that are sent no more than he sees himself.

import type { CompanyVisibility, Visibility } from '../domain/index.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import { bindingColumns } from './company_binding.ts';
import { countToAdd } from './count_to_add.ts';
import type { Session } from './database.ts';
import type { EventPosition } from './events.ts';
import type { ListedTable } from './resource_list.ts';
import { resourceRows } from './resource_rows.ts';
import type { Change } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';
import { isByRight } from './webhook_caller.ts';

const mostCounted = 10_000;

/** The condition that an event `e` is one for the webhook `s`. */
const isForWebhook = `(s.event_types is null or e.type = any (s.event_types))
  and (s.company_id is null or exists (
    select from charging_stations v where v.tenant_id = s.tenant_id and v.id = e.charging_station_id
      and (v.company_id = s.company_id or s.visibility = 'subtree' and exists (
        select from company_ancestors a
        where a.tenant_id = s.tenant_id and a.company_id = v.company_id and a.ancestor_id = s.company_id))))`;

const table = {
  name: 'webhooks',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    url: { sql: 's.url', type: 'text' },
    description: { sql: 's.description', type: 'text' },
    eventTypes: { sql: 'array_to_json(s.event_types)', type: 'json' },
    state: { sql: `case when ${isByRight} then s.state else 'paused' end`, type: 'text', isVolatile: true },
    pauseReason: {
      sql: `case when ${isByRight} then s.pause_reason else 'forbidden' end`,
      type: 'text',
      isVolatile: true,
    },
    companyId: { sql: 's.company_id', type: 'uuid' },
    visibility: { sql: 's.visibility', type: 'text' },
    pending: {
      sql: `(select count(*) from (
              (select from webhook_deliveries d where d.tenant_id = s.tenant_id and d.webhook_id = s.id
               limit ${mostCounted})
              union all
              (select from events e where e.tenant_id = s.tenant_id
                 and (e.tx, e.seq) > (s.position_tx, s.position_seq) and ${isForWebhook} limit ${mostCounted})
              limit ${mostCounted}) waiting)`,
      type: 'integer',
      isVolatile: true,
    },
    leftOut: { sql: 's.left_out', type: 'integer', isVolatile: true },
    lastDeliveredAt: { sql: 's.last_delivered_at', type: 'timestamptz', isVolatile: true },
    lastError: { sql: 's.last_error', type: 'text', isVolatile: true },
    lastErrorAt: { sql: 's.last_error_at', type: 'timestamptz', isVolatile: true },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible(visibility, parameter) {
    const { company } = visibility;
    const isOfCompany = isOfVisibleCompany(visibility, parameter);
    return company === undefined || company.withSubordinates
      ? isOfCompany
      : `${isOfCompany} and s.visibility = 'company'`;
  },
} as const satisfies ListedTable<string>;

export type WebhookField = keyof typeof table.fields;
export const webhookFields = Object.keys(table.fields) as readonly WebhookField[];

/** What a change can set; what it leaves out stays. */
export type WrittenWebhook = {
  readonly url?: unknown;
  readonly description?: unknown;
  readonly eventTypes?: unknown;
  readonly state?: unknown;
  /** The one that it has signs on beside it until then. */
  readonly secret?: { readonly text: string; readonly previousUntil: Date };
};

function columns({ url, description, eventTypes, state, secret }: WrittenWebhook): Record<string, unknown> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(eventTypes === undefined ? {} : { event_types: eventTypes }),
    ...(secret === undefined ? {} : { secret: secret.text, previous_secret_until: secret.previousUntil }),
    ...(state === undefined ? {} : stateColumns(state)),
  };
}

function stateColumns(state: unknown): Record<string, unknown> {
  return state === 'active'
    ? { state, pause_reason: null, failures: 0, failing_since: null, next_attempt_at: null }
    : { state, pause_reason: 'requested' };
}

const refusing = refusingBy({ webhooks_tenant_id_company_id_fkey: noSuchCompany });

export function webhooksIn(session: Session) {
  const rows = resourceRows(session, table, {
    columns: (values: WrittenWebhook & Record<string, unknown>) => columns(values),
    refusing,
  });
  return {
    ...rows,

    countToAdd: (tenantId: string) => countToAdd(session, table.name, tenantId),

    /** The webhook is sent what happens from a place on. */
    async insert(
      tenantId: string,
      webhook: WrittenWebhook & {
        id: string;
        secretText: string;
        callerId: string;
        company: CompanyVisibility | undefined;
        position: EventPosition;
        createdAt: Date;
      },
    ): Promise<void> {
      const { id, callerId, company, position, createdAt, secretText } = webhook;
      const all = {
        tenant_id: tenantId,
        id,
        ...columns(webhook),
        secret: secretText,
        caller_id: callerId,
        ...bindingColumns(company),
        position_tx: position.tx,
        position_seq: position.seq,
        position_at: position.at,
        created_at: createdAt,
        updated_at: createdAt,
      };
      const names = Object.keys(all);
      const places = names.map((_, at) => `$${at + 1}`);
      await refusing(() =>
        session.queryAs(
          tenantId,
          `insert into webhooks (${names.join(', ')}) values (${places.join(', ')})`,
          Object.values(all),
        ),
      );
    },

    /** @returns whether there was such a webhook, not changed since */
    async update(visibility: Visibility, change: Change<WrittenWebhook>): Promise<boolean> {
      const isChanged = await rows.update(visibility, change);
      // Whoever has it go on does not wait until it would be tried again.
      if (isChanged && change.values.state === 'active') {
        await session.queryAs(
          visibility.tenantId,
          `update webhook_deliveries set next_attempt_at = null where tenant_id = $1 and webhook_id = $2`,
          [visibility.tenantId, change.id],
        );
      }
      return isChanged;
    },

    /**
     * Has it be sent events in the name of whoever sends them elsewhere, or has it go on. In the transaction of the change,
     * before it.
     */
    async takeOver(
      { tenantId }: Visibility,
      id: string,
      { callerId, url, state }: Pick<WrittenWebhook, 'url' | 'state'> & { callerId: string },
    ): Promise<void> {
      await session.queryAs(
        tenantId,
        `update webhooks s set caller_id = $3
         where s.tenant_id = $1 and s.id = $2::uuid
           and (s.url <> $4::text or $5::text = 'active' and (s.state = 'paused' or not ${isByRight}))`,
        [tenantId, id, callerId, url ?? null, state ?? null],
      );
    },

    /** Keeps the secret that it has beside the one that follows. In the transaction of the change, before it. */
    async keepSecret({ tenantId }: Visibility, id: string): Promise<void> {
      await session.queryAs(
        tenantId,
        'update webhooks set previous_secret = secret where tenant_id = $1 and id = $2',
        [tenantId, id],
      );
    },

    /**
     * Has everything sent again that happened from an instant on, or from an event on. Who delivers it meanwhile notices.
     */
    async goBack(
      { tenantId }: Visibility,
      id: string,
      from: { readonly instant: Date } | { readonly event: Pick<EventPosition, 'tx' | 'seq'> },
    ): Promise<void> {
      const [tx, seq, instant] =
        'event' in from ? [from.event.tx, from.event.seq, null] : [null, null, from.instant];
      await session.transaction(
        [tenantId],
        [
          {
            text: `update webhooks s
                   set position_tx = b.tx, position_seq = b.seq, position_at = b.at, sent_back = s.sent_back + 1
                   from (
                     (select e.tx, e.seq - 1 as seq, e.at from events e
                      where e.tenant_id = $1
                        and case when $3::timestamptz is null then (e.tx, e.seq) >= ($4::bigint, $5::bigint)
                            else e.at >= $3 end
                      order by e.tx, e.seq limit 1)
                     union all
                     (select position_tx, position_seq, position_at from webhooks
                      where tenant_id = $1 and id = $2::uuid)
                     order by tx, seq limit 1
                   ) b
                   where s.tenant_id = $1 and s.id = $2::uuid`,
            values: [tenantId, id, instant, tx, seq],
          },
          {
            text: `delete from webhook_deliveries d using webhooks s
                   where s.tenant_id = $1 and s.id = $2::uuid and d.tenant_id = $1 and d.webhook_id = s.id
                     and (d.tx, d.seq) > (s.position_tx, s.position_seq)`,
            values: [tenantId, id],
          },
        ],
      );
    },
  };
}
