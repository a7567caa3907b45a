// The events of a tenant as this process's streams read them: one of them looks for all, what is new is kept for a while,
// and who is further behind than that reads by himself until he has caught up. So a slow reader costs no memory.

import { isBefore } from '../store/index.ts';
import type { EventPosition, Store, StoredEvent } from '../store/index.ts';
import { eventFrame } from './event_text.ts';

/** An event with its text, which is made once for all streams. */
export type Told = { readonly event: StoredEvent; readonly frame: string };

export type Feed = {
  /**
   * Answers what follows a place, and the place up to which that is all: at once where there is something, else when there
   * is, or nothing when the signal is aborted or so many milliseconds are over.
   */
  next(
    position: EventPosition,
    waiting: { readonly signal: AbortSignal; readonly forMs: number },
  ): Promise<{ told: readonly Told[]; end: EventPosition }>;
  /** Looks for what is new. */
  look(): Promise<void>;
};

const keptAtMost = 1_000;
const readAtOnce = 200;

const toldOf = (events: readonly StoredEvent[]): Told[] =>
  events.map((event) => ({ event, frame: eventFrame(event) }));

/** @param from the place from which on the feed keeps events */
export function createFeed(deps: {
  readonly read: (position: EventPosition, limit: number) => ReturnType<Store['events']['after']>;
  readonly from: EventPosition;
}): Feed {
  let kept: readonly Told[] = [];
  // What is kept is all that follows `start`, up to `end`.
  let start = deps.from;
  let end = deps.from;
  let looking: Promise<void> | undefined;
  let isLookDue = false;
  const waiting = new Set<() => void>();

  async function look(): Promise<void> {
    let isFull = true;
    while (isLookDue || isFull) {
      isLookDue = false;
      const { events, end: readTo } = await deps.read(end, readAtOnce);
      isFull = events.length === readAtOnce;
      end = readTo;
      if (events.length === 0) continue;
      kept = [...kept, ...toldOf(events)];
      const left = kept.at(-keptAtMost - 1);
      if (left !== undefined) {
        start = left.event;
        kept = kept.slice(-keptAtMost);
      }
      for (const wake of waiting) wake();
    }
  }

  async function somethingNew({ signal, forMs }: { signal: AbortSignal; forMs: number }): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, forMs);
      waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  return {
    async next(position, wait) {
      if (isBefore(position, start)) {
        const { events, end: readTo } = await deps.read(position, readAtOnce);
        return { told: toldOf(events), end: readTo };
      }
      const following = () => kept.filter(({ event }) => isBefore(position, event)).slice(0, readAtOnce);
      let told = following();
      if (told.length === 0) {
        await somethingNew(wait);
        // So much may be new that it is not kept any more.
        if (isBefore(position, start)) return { told: [], end: position };
        told = following();
      }
      const last = told.at(-1)?.event;
      const isAll = last === undefined || last === kept.at(-1)?.event;
      return { told, end: isAll && isBefore(position, end) ? end : (last ?? position) };
    },
    look() {
      isLookDue = true;
      looking ??= look().finally(() => (looking = undefined));
      return looking;
    },
  };
}
