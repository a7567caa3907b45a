// Which webhooks this process delivers: those whose lease it gets, each when it is its turn. It asks for leases, and for what
// is new, every second and when it is told that there is something.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { webhookLeaseMs } from '../store/index.ts';
import type { LeasedWebhook, Store } from '../store/index.ts';
import { deliver } from './delivery.ts';
import type { Sender } from './sender.ts';
import { createTurns } from './turns.ts';

export type Deliveries = {
  /** Asks for leases, and delivers what there is. */
  look(): void;
  /** Has events of tenants with webhooks written on. */
  attend(): Promise<void>;
  close(): Promise<void>;
};

// What is under way at the end may come to its end.
const endsWithinMs = 3_000;
// Each has ten events under way, of a station each. A tenant has a quarter of them.
const webhooksAtOnce = { atOnce: 40, ofTenant: 10 };

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
  let leasedUntil = 0;

  const turns = createTurns<LeasedWebhook>(webhooksAtOnce);

  function begin(webhook: LeasedWebhook): void {
    const signals = { stopping: stopping.signal, stopped: stopped.signal };
    const isAwaited = () => turns.isAwaited(webhook);
    const delivered = deliver({ ...deps, owner, ...signals, isAwaited }, webhook)
      .catch((error: unknown) => {
        log.warn({ err: error, webhook: webhook.id }, 'events could not be delivered; it is tried again');
      })
      .finally(() => {
        underWay.delete(webhook.id);
        turns.end(webhook);
        beginThoseInTurn();
      });
    underWay.set(webhook.id, delivered);
  }

  function beginThoseInTurn(): void {
    // Who waited longer than the lease lasts may be another process's by now: the next look tells.
    while (!stopping.signal.aborted && performance.now() < leasedUntil) {
      const webhook = turns.next();
      if (webhook === undefined) return;
      begin(webhook);
    }
  }

  async function lookOnce(): Promise<void> {
    const asked = performance.now();
    turns.lineUp(await store.webhookDeliveries.lease(owner, clock.now()));
    leasedUntil = asked + webhookLeaseMs;
    beginThoseInTurn();
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
