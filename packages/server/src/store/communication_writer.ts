// Writes the communication log behind the backs of those who talk: entries gather in memory and are written together, by
// one writer, in their order. Nobody's answer waits for that. While the database is there nothing is lost: when memory is
// full, who brings more is asked to wait. While it is away, what finds no room is counted instead, and the log says so.
// docs/decisions/communication_log.md has the reasons and the figures.

import type { Logger } from 'pino';
import { communicationEntry, leftOutEntry } from '../domain/index.ts';
import type { Communication, CommunicationEntry } from '../domain/index.ts';
import { tenantIdsOf } from './columns.ts';
import { entriesStatement } from './communication_log.ts';
import type { KeptEntry } from './communication_log.ts';
import { isFaultOfAValue } from './database.ts';
import type { Database } from './database.ts';
import { timedId } from './timed_ids.ts';

export type CommunicationWriter = {
  /**
   * Notes what was said.
   *
   * @returns undefined while there is room; else a promise of room, for which whoever can should wait before he reads what
   *          would be noted next. It never rejects.
   */
  readonly add: (what: Communication) => Promise<void> | undefined;

  /** Writes what is in memory, without waiting for more; one attempt, if the database is away. */
  readonly flush: () => Promise<void>;
  /** As `flush`, and says what is lost if that failed. */
  readonly close: () => Promise<void>;
};

export type CommunicationLimits = {
  /** Of what waits in memory. */
  readonly entries: number;
  readonly bytes: number;
};

const largest: CommunicationLimits = { entries: 20_000, bytes: 32 * 1024 * 1024 };
const entriesAtOnce = 500;
const writtenAfterMs = 250;
const triedAgainAfterMs = 1_000;

/** What an entry takes in memory beside its texts. */
const entryOverhead = 500;
const sizeOf = ({ payload = '', answer = '' }: CommunicationEntry) =>
  entryOverhead + payload.length + answer.length;

// A crash of the machine may take the last moments of the log with it; facts are durable before their answer, and the log
// must not cost them the disk's time.
const notWaitingForTheDisk = {
  text: `select set_config('synchronous_commit', 'off', true)`,
  values: [],
};

type LeftOut = { count: number; readonly from: Date; until: Date };

export function communicationWriterOn(
  database: Pick<Database, 'transaction'>,
  { newId, log, limits = largest }: { newId: () => string; log: Logger; limits?: CommunicationLimits },
): CommunicationWriter {
  let waiting: KeptEntry[] = [];
  // Tells the ids of this writer from those of other processes; random bits for each would be a sixth of all that it costs.
  const ours = newId();
  let noted = 0;
  let bytes = 0;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let isAway = false;
  let isFlushing = false;
  /** By station. */
  let leftOut = new Map<string, { first: CommunicationEntry; of: LeftOut }>();

  const isFilled = (part: number) => waiting.length >= limits.entries * part || bytes >= limits.bytes * part;

  function add(what: Communication): Promise<void> | undefined {
    const entry = communicationEntry(what);
    if (isAway && isFilled(1)) {
      leaveOut(entry);
      return undefined;
    }
    push(entry);
    if (!isAway && waiting.length >= entriesAtOnce) begin();
    else beginIn(writtenAfterMs);
    if (isAway || !isFilled(1)) return undefined;
    room ??= Promise.withResolvers();
    return room.promise;
  }

  function push(entry: CommunicationEntry): void {
    waiting.push({ id: timedId(entry.at, (noted += 1), ours), entry });
    bytes += sizeOf(entry);
  }

  function leaveOut(entry: CommunicationEntry): void {
    const { chargingStationId, at } = entry;
    const known = leftOut.get(chargingStationId);
    if (known === undefined) {
      leftOut.set(chargingStationId, { first: entry, of: { count: 1, from: at, until: at } });
    } else {
      known.of.count += 1;
      known.of.until = at;
    }
  }

  function beginIn(ms: number): void {
    if (writing !== undefined) return;
    timer ??= setTimeout(begin, ms);
    timer.unref();
  }

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeGroups().finally(() => {
      writing = undefined;
      if (waiting.length > 0) beginIn(isAway ? triedAgainAfterMs : writtenAfterMs);
    });
  }

  /** Writes as long as there is enough for a group. Never rejects. */
  async function writeGroups(): Promise<void> {
    do {
      const group = waiting.slice(0, entriesAtOnce);
      try {
        await writeGroup(group);
      } catch (error) {
        if (!isAway) log.warn({ err: error }, 'the communication log cannot be written; entries are kept');
        isAway = true;
        // Calls go on being answered, or refused: that is not for the log to hold up.
        giveRoom();
        return;
      }
      waiting = waiting.slice(group.length);
      bytes -= group.reduce((sum, { entry }) => sum + sizeOf(entry), 0);
      if (isAway) tellWhatWasLeftOut();
      if (!isFilled(1 / 2)) giveRoom();
    } while (waiting.length >= (isFlushing ? 1 : entriesAtOnce));
  }

  async function writeGroup(group: readonly KeptEntry[]): Promise<void> {
    try {
      await database.transaction(tenantIdsOf(group.map(({ entry }) => entry)), [
        notWaitingForTheDisk,
        entriesStatement(group),
      ]);
    } catch (error) {
      if (!isFaultOfAValue(error)) throw error;
      const [first, ...others] = group;
      if (first !== undefined && others.length === 0) {
        log.error({ err: error, entry: { ...first.entry, payload: undefined } }, 'an entry cannot be stored');
        return;
      }
      for (const one of group) await writeGroup([one]);
    }
  }

  function tellWhatWasLeftOut(): void {
    isAway = false;
    const counts = [...leftOut.values()];
    leftOut = new Map();
    for (const { first, of } of counts) push(leftOutEntry(first, of));
    const count = counts.reduce((sum, { of }) => sum + of.count, 0);
    log.warn({ leftOut: count }, 'the communication log is written again');
  }

  function giveRoom(): void {
    room?.resolve();
    room = undefined;
  }

  async function flush(): Promise<void> {
    isFlushing = true;
    await writing;
    if (waiting.length > 0) begin();
    await writing;
    isFlushing = false;
  }

  return {
    add,
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
      if (waiting.length > 0) {
        log.error(
          { entries: waiting.length },
          'the last entries of the communication log could not be written',
        );
      }
    },
  };
}
