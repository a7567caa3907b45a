// webhooks: receivers of events. The secret that deliveries are signed with is shown when it is made, and never again.

import { webhooks as declaration } from '@chargeyard/contract/resources/webhooks';
import { Conflict, Invalid } from '../domain/index.ts';
import { newId } from '../ids.ts';
import {
  documentOf,
  getRow,
  goneOrChanged,
  idOf,
  instantFrom,
  notKept,
  queryParameters,
  resourceRoutes,
  versionToChange,
  writersOf,
} from '../json_api/index.ts';
import type { Asked, Method, Resource, ResourceDeps, Route, Values } from '../json_api/index.ts';
import { webhookFields } from '../store/index.ts';
import type { Row, WebhookField } from '../store/index.ts';

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
  const at = (action: string, method: Method): Route => ({
    path: `${webhooks.path}/:id/${action}`,
    methods: { POST: method },
  });
  return [
    ...resourceRoutes(webhooks, deps),
    at('rotate_secret', rotateSecret(webhooks, deps, delivery)),
    at('test', test(webhooks, deps, delivery)),
    at('redeliver', redeliver(webhooks, deps, delivery)),
  ];
}

function urlFaults({ url }: Values, whyNotTo: WebhookDelivery['whyNotTo']): Invalid[] {
  if (typeof url !== 'string') return [];
  const why = whyNotTo(url);
  return why === undefined ? [] : [new Invalid(why, { field: 'url' })];
}

function writerOf(webhooks: Webhooks) {
  const { write } = writersOf<WebhookField>(webhooks)(Object.keys(declaration.attributes));
  return (row: Row, { url }: Asked, shownOnce?: Readonly<Record<string, string>>) =>
    documentOf(write(row), url.replace(/\/\w+\/?$/, ''), { shownOnce });
}

/** Deliveries are signed with the old secret, too, for a day. */
function rotateSecret(
  webhooks: Webhooks,
  { store, clock }: ResourceDeps,
  { newSecret }: WebhookDelivery,
): Method {
  const write = writerOf(webhooks);
  return {
    scope: 'cpoapi:webhooks:write',
    does: {
      action: 'perform',
      name: 'rotateWebhookSecret',
      summary: 'Give the webhook another secret; for a day deliveries are signed with the old one, too',
      resource: declaration,
      parameters: [],
      isForVersions: true,
      showsOnce: true,
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const { visibility } = asked.principal;
      const now = clock.now();
      const id = idOf(asked);
      const secret = newSecret();
      const row = await store.inTransaction(async (tables) => {
        const read = () => getRow(webhooks, tables, asked, { now, given: {} });
        const ifUpdatedAt = versionToChange(webhooks, asked, await read());
        await tables.webhooks.keepSecret(visibility, id);
        const previousUntil = new Date(now.getTime() + dayMs);
        const values = { secret: { text: secret, previousUntil } };
        if (!(await tables.webhooks.update(visibility, { id, values, ifUpdatedAt, now })))
          throw goneOrChanged(declaration, ifUpdatedAt);
        return read();
      });
      return notKept({ status: 200, json: write(row, asked, { secret }) });
    },
  };
}

function test(webhooks: Webhooks, { store, clock }: ResourceDeps, delivery: WebhookDelivery): Method {
  const write = writerOf(webhooks);
  return {
    scope: 'cpoapi:webhooks:write',
    does: {
      action: 'perform',
      name: 'testWebhook',
      summary: 'Send a webhook.test, once; lastDeliveredAt or lastError tells what came of it',
      resource: declaration,
      parameters: [],
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const read = () => getRow(webhooks, store, asked, { now: clock.now(), given: {} });
      await read();
      await delivery.test(asked.principal.visibility.tenantId, idOf(asked));
      return { status: 200, json: write(await read(), asked) };
    },
  };
}

function redeliver(
  webhooks: Webhooks,
  { store, clock }: ResourceDeps,
  { positionOfId }: WebhookDelivery,
): Method {
  const write = writerOf(webhooks);
  return {
    scope: 'cpoapi:webhooks:write',
    does: {
      action: 'perform',
      name: 'redeliverEvents',
      summary: 'Send again what happened from an event or an instant on',
      resource: declaration,
      parameters: ['from'],
    },
    async answer(asked) {
      const parameters = queryParameters(asked.query, ['from']);
      const now = clock.now();
      const from = parameters.get('from');
      const event = from === undefined ? undefined : positionOfId(from);
      const instant = from === undefined ? new Date(now.getTime() - dayMs) : instantFrom(from);
      if (event === undefined && instant === undefined) {
        parameters.refuse('from', 'It takes the id of an event, or an instant (ISO 8601).');
      }
      parameters.throwFaults();
      const row = await store.inTransaction(async (tables) => {
        const read = () => getRow(webhooks, tables, asked, { now, given: {} });
        await read();
        const place = event === undefined ? { instant: instant ?? now } : { event };
        await tables.webhooks.goBack(asked.principal.visibility, idOf(asked), place);
        return read();
      });
      return { status: 200, json: write(row, asked) };
    },
  };
}
