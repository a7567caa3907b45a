// Delivers a webhook's events, each at least once and those of a station in their order. What a receiver does not take waits,
// with all that follows of the same station, and is tried again ever less often; other stations go on. When nothing at all
// is taken, one attempt at a time finds out whether the receiver is back.

import type { Clock } from '../clock.ts';
import type { LeasedWebhook, Parked, Progress, Store, StoredEvent } from '../store/index.ts';
import { attemptsOf, downAfterFailures } from './attempts.ts';
import type { Sent } from './attempts.ts';
import { eventJson, idOfPosition } from './event_text.ts';
import type { Sender } from './sender.ts';
import { signatures } from './signature.ts';
import { isVisibleEvent } from './visible_event.ts';

const stationsAtOnce = 10;
const eventsAtOnce = 100;
const waitingAtMost = 1_000;
// Progress is kept as often as that, so that little is sent again when this process ends.
const roundMs = 2_000;

export type DeliveryDeps = {
  readonly store: Pick<Store, 'events' | 'webhookDeliveries'>;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly random: () => number;
  /** This process, as the lease knows it. */
  readonly owner: string;
  /** Begins nothing more when the first is aborted, and gives up what is under way with the second. */
  readonly stopping: AbortSignal;
  readonly stopped: AbortSignal;
  /** Answers whether others wait until this one is done. */
  readonly isAwaited: () => boolean;
};

/** Answers what a receiver is sent. */
export function messageOf(
  webhook: Pick<LeasedWebhook, 'url' | 'secret' | 'previousSecret' | 'previousSecretUntil'>,
  { id, body, now }: { id: string; body: string; now: Date },
) {
  const { url, secret, previousSecret, previousSecretUntil } = webhook;
  const isStillGood = previousSecret !== null && previousSecretUntil !== null && now < previousSecretUntil;
  const timestamp = Math.floor(now.getTime() / 1000);
  const secrets = isStillGood ? [secret, previousSecret] : [secret];
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Chargeyard',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures(secrets, { id, timestamp, body }),
    },
  };
}

/** Delivers until there is nothing more to do now, or others have waited for a round; the rest comes with the next lease. */
export async function deliver(deps: DeliveryDeps, leased: LeasedWebhook): Promise<void> {
  let webhook = leased;
  while (!deps.stopping.aborted) {
    const now = deps.clock.now();
    if (webhook.nextAttemptAt !== null && now < webhook.nextAttemptAt) return;
    const work = await workOf(deps, webhook, now);
    if (work === undefined) return;
    const progress = await done(deps, webhook, work);
    // Where and what to send is read anew with the next lease.
    if (!(await deps.store.webhookDeliveries.keep(deps.owner, webhook, progress))) return;
    if (deps.isAwaited()) return;
    webhook = after(webhook, progress);
  }
}

type Work = {
  /** Of a station each, in order; read when it is their turn. */
  readonly queues: (() => Promise<readonly Sent[]>)[];
  /** The new events among them, and those that wait behind others of their station. */
  readonly fresh: readonly StoredEvent[];
  readonly to: Progress['to'];
};

/** What is to be sent now; undefined where that is nothing, and nothing was passed over. */
async function workOf(
  { store: { events, webhookDeliveries } }: DeliveryDeps,
  webhook: LeasedWebhook,
  now: Date,
): Promise<Work | undefined> {
  const isDown = webhook.failures >= downAfterFailures;
  const waiting = await webhookDeliveries.waiting(webhook);
  // Whoever finds out whether the receiver is back does not ask whose turn it is.
  const heads = await webhookDeliveries.due(
    webhook,
    isDown ? { now: undefined, limit: 1 } : { now, limit: stationsAtOnce },
  );
  const isProbe = isDown && heads.length > 0;
  const old = heads.map((head) => async () => {
    return isProbe ? [head] : webhookDeliveries.ofStation(webhook, head.chargingStationId, eventsAtOnce);
  });
  if (isProbe || waiting.count >= waitingAtMost) {
    return old.length === 0 ? undefined : { queues: old, fresh: [], to: undefined };
  }
  const limit = isDown ? 1 : eventsAtOnce;
  const { events: next, end } = await events.after(webhook.tenantId, webhook.position, { limit, now });
  if (old.length === 0 && next.length === 0) return undefined;
  const fresh = next.filter((event) => isFor(webhook, event));
  const isFree = ({ chargingStationId }: StoredEvent) => !waiting.stations.has(chargingStationId);
  const ofStations = Map.groupBy(fresh.filter(isFree), ({ chargingStationId }) => chargingStationId);
  return {
    queues: [...old, ...[...ofStations.values()].map((queue) => async () => queue)],
    fresh,
    to: end,
  };
}

async function done(
  deps: DeliveryDeps,
  webhook: LeasedWebhook,
  { queues, fresh, to }: Work,
): Promise<Progress> {
  const { clock, random, sender, stopping, stopped } = deps;
  const roundIsOver = AbortSignal.timeout(roundMs);
  const attempts = attemptsOf(webhook, {
    async send(event) {
      // It may have become another one's while it waited.
      if (!isFor(webhook, event)) return { kind: 'taken' };
      const message = { id: idOfPosition(event), body: eventJson(event), now: clock.now() };
      return sender.send(messageOf(webhook, message), stopped);
    },
    now: () => clock.now(),
    random,
    isOver: () => roundIsOver.aborted || stopping.aborted,
  });
  const work = [...queues];
  await Promise.all(
    Array.from({ length: Math.min(stationsAtOnce, work.length) }, async () => {
      for (let next = work.shift(); next !== undefined; next = work.shift()) await attempts.run(await next());
    }),
  );
  const progress = attempts.progress();
  // What was not come to waits like the rest, and is due at once.
  const rest = fresh.filter((event) => !attempts.isSettled(event)).map(untouched);
  return { ...progress, parked: [...(progress.parked ?? []), ...rest], ...(to === undefined ? {} : { to }) };
}

function untouched({ tx, seq, at, chargingStationId }: StoredEvent): Parked {
  return { tx, seq, at, chargingStationId, attempts: 0, failingSince: undefined, nextAttemptAt: undefined };
}

const isFor = ({ eventTypes, company }: LeasedWebhook, event: StoredEvent) =>
  (eventTypes === null || eventTypes.includes(event.type)) && isVisibleEvent(company, event);

function after(webhook: LeasedWebhook, progress: Progress): LeasedWebhook {
  const { failures, failingSince, nextAttemptAt, position } = webhook;
  return {
    ...webhook,
    failures: progress.failures ?? failures,
    failingSince: progress.failingSince === undefined ? failingSince : progress.failingSince,
    nextAttemptAt: progress.nextAttemptAt === undefined ? nextAttemptAt : progress.nextAttemptAt,
    position: progress.to ?? position,
  };
}
