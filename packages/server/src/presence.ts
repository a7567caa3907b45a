// That this process runs, said to the others now and then; and what becomes of those that say nothing any more.

import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import { repeated } from './repeated.ts';
import type { Store } from './store/index.ts';

const everyMs = 5_000;
// A process whose word came this late may have been taken for lost. One that could not say it itself does not judge others
// until they had time to say theirs: after the database was away all of them are late.
const lateAfterMs = 2 * everyMs;
const judgesAfterBeats = 5;

export type Presence = {
  /** Leaves: the process is known no more, nor is anything that it left open. */
  close(): Promise<void>;
};

/**
 * Answers when the process is known, and what an earlier one of its name left open is closed.
 *
 * @param wasLost called when others may have taken this process for lost
 */
export async function startPresence({
  store: { serverProcesses },
  node,
  clock,
  log,
  wasLost,
}: {
  store: Pick<Store, 'serverProcesses'>;
  node: string;
  clock: Clock;
  log: Logger;
  wasLost: () => Promise<void>;
}): Promise<Presence> {
  let beatsInTime = 0;

  async function beat(): Promise<void> {
    try {
      const { isKnown, silentForMs } = await serverProcesses.beat(node);
      const isInTime = isKnown && silentForMs < lateAfterMs;
      beatsInTime = isInTime ? beatsInTime + 1 : 0;
      if (!isInTime) {
        log.warn({ silentForMs }, 'this process was silent for long; looking which connections it still has');
        await wasLost();
      }
      if (beatsInTime < judgesAfterBeats) return;
      const lost = await serverProcesses.forgetLost(clock.now());
      if (lost.length > 0)
        log.warn({ lost }, 'processes were lost; the connections that they held are closed');
    } catch (error) {
      beatsInTime = 0;
      log.warn({ err: error }, 'the other processes could not be told that this one runs; it is tried again');
    }
  }

  await serverProcesses.forget(node, clock.now());
  await serverProcesses.beat(node);
  const beats = repeated(everyMs, beat);
  return {
    async close() {
      await beats.close();
      await serverProcesses
        .forget(node, clock.now())
        .catch((error: unknown) => log.warn({ err: error }, 'the others could not be told that this ends'));
    },
  };
}
