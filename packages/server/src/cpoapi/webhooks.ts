// webhooks: receivers of events. The secret that deliveries are signed with is shown when it is made, and never again.

import { webhooks as declaration } from '@chargeyard/contract/resources/webhooks';
import { Conflict, Invalid } from '../domain/index.ts';
import { newId } from '../ids.ts';
import {
  goneOrChanged,
  instantFrom,
  performRoute,
  resourceRoutes,
  versionToChange,
} from '../json_api/index.ts';
import type { Performance, Resource, ResourceDeps, Route, Values } from '../json_api/index.ts';
import { webhookFields } from '../store/index.ts';
import type { WebhookField } from '../store/index.ts';

/** What the room must be told of how webhooks are delivered. */
export type WebhookDelivery = {
  readonly newSecret: () => string;
  /** Answers why nothing may be sent to a URL; undefined where it may. */
  readonly whyNotTo: (url: string) => string | undefined;
  /** Answers the place of an event; undefined where a text is no id of one. */
  readonly positionOfId: (id: string) => { readonly tx: number; readonly seq: number } | undefined;
  /** Sends a receiver an event that did not happen, and notes what came of it. */
  readonly test: (tenantId: string, id: string) => Promise<void>;
};

const dayMs = 86_400_000;
// Each is looked after every second, whether anything happens or not.
const most = 50;

function webhooksWith({ newSecret, whyNotTo }: WebhookDelivery) {
  return {
    declaration,
    path: '/webhooks',
    fields: webhookFields,
    fieldOf: {
      url: 'url',
      description: 'description',
      eventTypes: 'eventTypes',
      state: 'state',
      pauseReason: 'pauseReason',
      companyUuid: 'companyId',
      visibility: 'visibility',
      pending: 'pending',
      leftOut: 'leftOut',
      lastDeliveredAt: 'lastDeliveredAt',
      lastError: 'lastError',
      lastErrorAt: 'lastErrorAt',
      createdAt: 'createdAt',
      updatedAt: 'updatedAt',
    },
    page: (tables, visibility, query) => tables.webhooks.page(visibility, query),
    find: (tables, visibility, id, now) => tables.webhooks.find(visibility, id, now),
    brokenRules: async ({ values }) => urlFaults(values, whyNotTo),
    async create({ tables, principal, values, now }) {
      const { tenantId, company } = principal.visibility;
      if ((await tables.webhooks.countToAdd(tenantId)) >= most)
        throw new Conflict(`A tenant has at most ${most} webhooks. Delete one that is not used.`);
      const [id, secret] = [newId(), newSecret()];
      await tables.events.attend([tenantId], now);
      await tables.webhooks.insert(tenantId, {
        ...values,
        id,
        secretText: secret,
        callerId: principal.callerId,
        company,
        position: await tables.events.present(now),
        createdAt: now,
      });
      return { id, shownOnce: { secret } };
    },
    async update(write) {
      const { tables, principal, id, values } = write;
      await tables.webhooks.takeOver(principal.visibility, id, { ...values, callerId: principal.callerId });
      return tables.webhooks.update(principal.visibility, write);
    },
    delete: ({ tables, principal, id, ifUpdatedAt }) =>
      tables.webhooks.delete(principal.visibility, id, ifUpdatedAt),
  } satisfies Resource<WebhookField> & {
    fieldOf: Record<keyof (typeof declaration)['attributes'], WebhookField>;
  };
}

type Webhooks = ReturnType<typeof webhooksWith>;

export function webhookRoutes(deps: ResourceDeps, delivery: WebhookDelivery): Route[] {
  const webhooks = webhooksWith(delivery);
  return [
    ...resourceRoutes(webhooks, deps),
    performRoute(webhooks, deps, rotateSecret(webhooks, deps, delivery)),
    performRoute(webhooks, deps, test(deps, delivery)),
    performRoute(webhooks, deps, redeliver(deps, delivery)),
  ];
}

function urlFaults({ url }: Values, whyNotTo: WebhookDelivery['whyNotTo']): Invalid[] {
  if (typeof url !== 'string') return [];
  const why = whyNotTo(url);
  return why === undefined ? [] : [new Invalid(why, { field: 'url' })];
}

/** Deliveries are signed with the old secret, too, for a day. */
function rotateSecret(
  webhooks: Webhooks,
  { store }: ResourceDeps,
  { newSecret }: WebhookDelivery,
): Performance {
  return {
    path: 'rotate_secret',
    name: 'rotateWebhookSecret',
    summary: 'Give the webhook another secret; for a day deliveries are signed with the old one, too',
    isForVersions: true,
    showsOnce: true,
    async perform({ asked, id, now, read }) {
      const { visibility } = asked.principal;
      const secret = newSecret();
      const previousUntil = new Date(now.getTime() + dayMs);
      const values = { secret: { text: secret, previousUntil } };
      const row = await store.inTransaction(async (tables) => {
        const ifUpdatedAt = versionToChange(webhooks, asked, await read(tables));
        await tables.webhooks.keepSecret(visibility, id);
        if (!(await tables.webhooks.update(visibility, { id, values, ifUpdatedAt, now })))
          throw goneOrChanged(declaration, ifUpdatedAt);
        return read(tables);
      });
      return { row, shownOnce: { secret } };
    },
  };
}

function test({ store }: ResourceDeps, delivery: WebhookDelivery): Performance {
  return {
    path: 'test',
    name: 'testWebhook',
    summary: 'Send a webhook.test, once; lastDeliveredAt or lastError tells what came of it',
    async perform({ asked, id, read }) {
      await read(store);
      await delivery.test(asked.principal.visibility.tenantId, id);
      return { row: await read(store) };
    },
  };
}

function redeliver({ store }: ResourceDeps, { positionOfId }: WebhookDelivery): Performance {
  return {
    path: 'redeliver',
    name: 'redeliverEvents',
    summary: 'Send again what happened from an event or an instant on',
    parameters: ['from'],
    async perform({ asked, id, now, parameters, read }) {
      const from = parameters.get('from');
      const event = from === undefined ? undefined : positionOfId(from);
      const instant = from === undefined ? new Date(now.getTime() - dayMs) : instantFrom(from);
      if (event === undefined && instant === undefined) {
        parameters.refuse('from', 'It takes the id of an event, or an instant (ISO 8601).');
      }
      parameters.throwFaults();
      const row = await store.inTransaction(async (tables) => {
        await read(tables);
        const place = event === undefined ? { instant: instant ?? now } : { event };
        await tables.webhooks.goBack(asked.principal.visibility, id, place);
        return read(tables);
      });
      return { row };
    },
  };
}
