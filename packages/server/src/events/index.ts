// The door of the room: tells the rest of the world what happened, after it is durable. Server-sent events to whoever listens,
// webhooks to whoever is to be called; and the moments that only the clock brings.

import { testEventType } from '@chargeyard/contract/events';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { eventsTopic } from '../store/index.ts';
import type { Bus, Store } from '../store/index.ts';
import { atMostEvery } from './at_most_every.ts';
import { createDeliveries } from './deliveries.ts';
import { messageOf } from './delivery.ts';
import { createSender } from './sender.ts';
import type { Sending } from './sender.ts';
import { createStreams } from './streams.ts';
import type { Listening } from './streams.ts';

export { positionOfId } from './event_text.ts';
export { whyNotTo } from './sender.ts';
export type { Sending } from './sender.ts';
export { newWebhookSecret } from './signature.ts';

export type Events = {
  /** Begins to deliver, and to look for what is new. */
  start(bus: Bus): Promise<void>;
  /** Answers the text of an event stream; undefined where `after` is no id of an event. */
  listen(listening: Listening): Promise<AsyncIterable<string> | undefined>;
  /** Sends a webhook's receiver an event that did not happen, once, and notes what came of it. */
  test(tenantId: string, webhookId: string): Promise<void>;
  /** Ends streams, and deliveries when what is under way has come to its end. */
  close(): Promise<void>;
};

// A hint can be lost.
const looksEveryMs = 1_000;
const deliversAgainAfterMs = 100;
const attendsEveryMs = 10 * 60_000;

export function createEvents(deps: {
  readonly store: Pick<Store, 'events' | 'webhookDeliveries' | 'maintenanceMoments'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  readonly random: () => number;
  readonly sending: Sending;
}): Events {
  const { store, clock, log } = deps;
  const sender = createSender(deps.sending);
  const streams = createStreams(deps);
  const deliveries = createDeliveries({ ...deps, sender });
  let telling: Promise<void> | undefined;
  let timers: NodeJS.Timeout[] = [];
  let unlisten: (() => void) | undefined;

  const failing = (what: string) => (error: unknown) =>
    log.warn({ err: error }, `${what}; it is tried again`);

  async function tellMoments(): Promise<void> {
    await store.maintenanceMoments(clock.now()).catch(failing('maintenance windows could not be looked at'));
  }

  function lookNow(): void {
    telling ??= tellMoments().finally(() => (telling = undefined));
    streams.look(undefined);
    deliveries.look();
  }

  const attend = () =>
    Promise.all([streams.attend(), deliveries.attend()]).then(
      () => undefined,
      failing('events could not be asked for'),
    );

  return {
    async start(bus) {
      await attend();
      const deliverHinted = atMostEvery(deliversAgainAfterMs, () => deliveries.look());
      unlisten = bus.listen(eventsTopic, (tenantId) => {
        streams.look(tenantId);
        deliverHinted();
      });
      timers = [setInterval(lookNow, looksEveryMs), setInterval(() => void attend(), attendsEveryMs)];
      for (const timer of timers) timer.unref();
      deliveries.look();
    },
    listen: (listening) => streams.open(listening),
    async test(tenantId, webhookId) {
      const target = await store.webhookDeliveries.target(tenantId, webhookId);
      if (target === undefined) return;
      const now = clock.now();
      const id = `test-${deps.newId()}`;
      const body = JSON.stringify({
        id,
        type: testEventType,
        timestamp: now.toISOString(),
        cpId: null,
        data: {},
      });
      const outcome = await sender.send(messageOf(target, { id, body, now }), new AbortController().signal);
      const error = outcome.kind === 'failed' ? outcome.error : undefined;
      await store.webhookDeliveries.noteAttempt(tenantId, webhookId, { at: clock.now(), error });
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      unlisten?.();
      streams.close();
      await telling;
      await deliveries.close();
      sender.close();
    },
  };
}
