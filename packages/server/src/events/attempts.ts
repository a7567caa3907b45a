// The attempts of one round: what a receiver took, what it did not, and what follows from that for the webhook.

import type { LeasedWebhook, Parked, Progress, StoredEvent, WaitingDelivery } from '../store/index.ts';
import { backOffMs, givenUpAfterMs } from './back_off.ts';
import type { Outcome } from './sender.ts';

/** So many failures without a success: it is the receiver and not the event. */
export const downAfterFailures = 5;

/** An event that is sent; with attempts where it has waited. */
export type Sent = StoredEvent & Partial<Pick<WaitingDelivery, 'attempts' | 'failingSince'>>;

export type Attempts = {
  /** Sends events of a station one after the other, as long as they are taken and the round lasts. */
  run(queue: readonly Sent[]): Promise<void>;
  /** Answers whether an event need not wait untouched: it was taken, given up, or waits with its failures. */
  isSettled(event: StoredEvent): boolean;
  progress(): Progress;
};

export function attemptsOf(
  webhook: Pick<LeasedWebhook, 'failures' | 'failingSince'>,
  deps: {
    readonly send: (event: StoredEvent) => Promise<Outcome>;
    readonly now: () => Date;
    readonly random: () => number;
    /** Answers whether no more is to be sent. */
    readonly isOver: () => boolean;
  },
): Attempts {
  const wasDown = webhook.failures >= downAfterFailures;
  const settled = new Set<StoredEvent>();
  const done: StoredEvent[] = [];
  const parked: Parked[] = [];
  let { failures, failingSince } = webhook;
  let hasFailed = false;
  let wasTaken = false;
  let progress: Pick<Progress, 'deliveredAt' | 'error' | 'pauseReason' | 'nextAttemptAt' | 'leftOut'> = {};

  function noteTaken(event: StoredEvent): void {
    settled.add(event);
    done.push(event);
    wasTaken = true;
    failures = 0;
    failingSince = null;
    progress = { ...progress, deliveredAt: deps.now(), nextAttemptAt: null };
  }

  function noteFailed(event: Sent, outcome: Outcome & { kind: 'failed' }): void {
    const now = deps.now();
    const { error, retryAfterSeconds, isGone } = outcome;
    hasFailed = true;
    // What fails at once, of many stations, is one sign that the receiver is down and not many.
    failures = wasDown ? failures + 1 : Math.min(failures + 1, downAfterFailures);
    failingSince ??= now;
    progress = { ...progress, error: { text: error, at: now } };
    const wait = (times: number) =>
      new Date(now.getTime() + backOffMs(times, deps.random(), retryAfterSeconds));
    const isOld = (since: Date) => now.getTime() - since.getTime() >= givenUpAfterMs;
    if (isGone) progress = { ...progress, pauseReason: 'gone' };
    else if (isOld(failingSince)) progress = { ...progress, pauseReason: 'failing' };
    if (failures >= downAfterFailures) {
      progress = { ...progress, nextAttemptAt: wait(failures - downAfterFailures + 1) };
    }
    settled.add(event);
    const eventFailingSince = event.failingSince ?? now;
    if (isOld(eventFailingSince) && progress.pauseReason === undefined) {
      done.push(event);
      progress = { ...progress, leftOut: (progress.leftOut ?? 0) + 1 };
      return;
    }
    const { tx, seq, at, chargingStationId, attempts = 0 } = event;
    parked.push({
      tx,
      seq,
      at,
      chargingStationId,
      attempts: attempts + 1,
      failingSince: eventFailingSince,
      nextAttemptAt: wait(attempts + 1),
    });
  }

  const isEnough = () => deps.isOver() || (hasFailed && failures >= downAfterFailures);

  return {
    async run(queue) {
      for (const event of queue) {
        if (isEnough()) return;
        const outcome = await deps.send(event);
        if (outcome.kind === 'stopped') return;
        if (outcome.kind === 'failed') {
          noteFailed(event, outcome);
          return;
        }
        noteTaken(event);
      }
    },
    isSettled: (event) => settled.has(event),
    progress: () => ({
      ...progress,
      failures,
      failingSince,
      done,
      parked,
      // The receiver is back.
      ...(wasDown && wasTaken ? { allDue: true } : {}),
    }),
  };
}
