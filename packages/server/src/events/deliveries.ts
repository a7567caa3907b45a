// Which webhooks this process delivers: those whose lease it gets. It asks for leases, and for what is new, every second and
// when it is told that there is something.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/index.ts';
import { deliver } from './delivery.ts';
import type { Sender } from './sender.ts';

export type Deliveries = {
  /** Asks for leases, and delivers what there is. */
  look(): void;
  /** Has events of tenants with webhooks written on. */
  attend(): Promise<void>;
  close(): Promise<void>;
};

// What is under way at the end may come to its end.
const endsWithinMs = 3_000;

export function createDeliveries(deps: {
  readonly store: Pick<Store, 'events' | 'webhookDeliveries'>;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  readonly random: () => number;
}): Deliveries {
  const { store, clock, log } = deps;
  const owner = deps.newId();
  const [stopping, stopped] = [new AbortController(), new AbortController()];
  const underWay = new Map<string, Promise<void>>();
  let looking: Promise<void> | undefined;
  let isLookDue = false;

  async function lookOnce(): Promise<void> {
    for (const webhook of await store.webhookDeliveries.lease(owner, clock.now())) {
      if (underWay.has(webhook.id)) continue;
      const delivered = deliver(
        { ...deps, owner, stopping: stopping.signal, stopped: stopped.signal },
        webhook,
      )
        .catch((error: unknown) => {
          log.warn({ err: error, webhook: webhook.id }, 'events could not be delivered; it is tried again');
        })
        .finally(() => underWay.delete(webhook.id));
      underWay.set(webhook.id, delivered);
    }
  }

  async function look(): Promise<void> {
    while (isLookDue && !stopping.signal.aborted) {
      isLookDue = false;
      try {
        await lookOnce();
      } catch (error) {
        log.warn({ err: error }, 'webhooks could not be looked for; it is tried again');
      }
    }
  }

  return {
    look() {
      isLookDue = true;
      looking ??= look().finally(() => (looking = undefined));
    },
    async attend() {
      await store.events.attend(await store.webhookDeliveries.tenants(), clock.now());
    },
    async close() {
      stopping.abort();
      await looking;
      const giveUp = setTimeout(() => stopped.abort(), endsWithinMs);
      await Promise.all(underWay.values());
      clearTimeout(giveUp);
      await store.webhookDeliveries
        .letGo(owner)
        .catch((error: unknown) => log.warn({ err: error }, 'leases of webhooks could not be let go'));
    },
  };
}
