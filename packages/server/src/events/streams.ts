// The event stream (server-sent events, WHATWG HTML §9.2): for each client that listens a text without an end, which goes on
// where the client was before.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Visibility } from '../domain/index.ts';
import { isBefore } from '../store/index.ts';
import type { EventPosition, Store } from '../store/index.ts';
import { atMostEvery } from './at_most_every.ts';
import { idOfPosition, positionOfId } from './event_text.ts';
import { createFeed } from './feed.ts';
import type { Feed, Told } from './feed.ts';
import { isVisibleEvent } from './visible_event.ts';

/** What a client listens to. */
export type Listening = {
  readonly tenantId: string;
  /** The id of the event after which it goes on; undefined: from now on. */
  readonly after: string | undefined;
  /** undefined: all. */
  readonly types: readonly string[] | undefined;
  readonly stationIds: readonly string[] | undefined;
  /** Answers what the client may see now. */
  readonly visibility: () => Visibility;
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
};

export type Streams = {
  /** Answers the stream's text; undefined where `after` is no id of an event. */
  open(listening: Listening): Promise<AsyncIterable<string> | undefined>;
  /** Has a tenant's feed, or all, look for what is new. */
  look(tenantId: string | undefined): void;
  /** Has events of whom somebody listens to written on. */
  attend(): Promise<void>;
  close(): void;
};

const pingedEveryMs = 15_000;
const connectsAgainAfterMs = 2_000;

const looksAgainAfterMs = 50;

type Shared = { readonly feed: Promise<Feed>; readonly look: () => void; listeners: number };

export function createStreams(deps: {
  readonly store: Pick<Store, 'events'>;
  readonly clock: Clock;
  readonly log: Logger;
}): Streams {
  const { clock, log } = deps;
  const { events } = deps.store;
  const feeds = new Map<string, Shared>();
  const closed = new AbortController();

  async function newFeed(tenantId: string): Promise<Feed> {
    await events.attend([tenantId], clock.now());
    return createFeed({
      read: (position, limit) => events.after(tenantId, position, { limit, now: clock.now() }),
      from: await events.present(clock.now()),
    });
  }

  function shared(tenantId: string): Shared {
    const known = feeds.get(tenantId);
    if (known !== undefined) return known;
    const feed = newFeed(tenantId);
    const look = atMostEvery(looksAgainAfterMs, () => {
      if (closed.signal.aborted) return;
      feed
        .then((found) => found.look())
        .catch((error: unknown) => log.warn({ err: error }, 'events could not be read; it is tried again'));
    });
    const made: Shared = { feed, look, listeners: 0 };
    feeds.set(tenantId, made);
    return made;
  }

  function leave(tenantId: string, left: Shared): void {
    left.listeners -= 1;
    if (left.listeners === 0) feeds.delete(tenantId);
  }

  /** Where a client goes on, and since when events are there if it may have missed some. */
  async function placeOf({
    tenantId,
    after,
  }: Listening): Promise<{ from: EventPosition; gap?: Date } | undefined> {
    const now = clock.now();
    const present = await events.present(now);
    if (after === undefined) return { from: present };
    const position = positionOfId(after);
    if (position === undefined) return undefined;
    const keptSince = await events.keptSince(tenantId, now);
    const isKnown = position.at >= keptSince && !isBefore(present, { ...position, seq: 0 });
    return isKnown ? { from: position } : { from: events.beginning(keptSince), gap: keptSince };
  }

  return {
    async open(listening) {
      const { tenantId } = listening;
      const mine = shared(tenantId);
      mine.listeners += 1;
      let place: Awaited<ReturnType<typeof placeOf>>;
      let feed: Feed;
      try {
        feed = await mine.feed;
        place = await placeOf(listening);
      } catch (error) {
        leave(tenantId, mine);
        throw error;
      }
      if (place === undefined) {
        leave(tenantId, mine);
        return undefined;
      }
      const signal = AbortSignal.any([listening.signal, closed.signal]);
      // A text that is never read is over when its connection is.
      signal.addEventListener('abort', () => leave(tenantId, mine), { once: true });
      if (signal.aborted) leave(tenantId, mine);
      return textOf({ ...listening, signal }, feed, place);
    },
    look(tenantId) {
      for (const [id, { look }] of feeds) if (tenantId === undefined || id === tenantId) look();
    },
    async attend() {
      if (feeds.size > 0) await events.attend([...feeds.keys()], clock.now());
    },
    close: () => closed.abort(),
  };
}

async function* textOf(
  listening: Listening,
  feed: Feed,
  place: { from: EventPosition; gap?: Date },
): AsyncGenerator<string> {
  const { signal } = listening;
  let position = place.from;
  yield `retry: ${connectsAgainAfterMs}\nid: ${idOfPosition(position)}\n\n`;
  if (place.gap !== undefined) {
    yield `event: gap\ndata: ${JSON.stringify({ since: place.gap.toISOString() })}\n\n`;
  }
  let saidAt = performance.now();
  while (!signal.aborted) {
    const { told, end } = await feed.next(position, { signal, forMs: pingedEveryMs });
    if (signal.aborted) return;
    const text = told
      .filter((each) => isWanted(listening, each))
      .map(({ frame }) => frame)
      .join('');
    position = end;
    if (text === '' && performance.now() - saidAt < pingedEveryMs) continue;
    saidAt = performance.now();
    // Without data it is no event, but the client remembers the id (§9.2.6).
    yield text === '' ? `: ping\nid: ${idOfPosition(position)}\n\n` : text;
  }
}

function isWanted({ types, stationIds, visibility }: Listening, { event }: Told): boolean {
  return (
    (types === undefined || types.includes(event.type)) &&
    (stationIds === undefined || stationIds.includes(event.chargingStationId)) &&
    isVisibleEvent(visibility().company, event)
  );
}
