// Who waits for the end of a command here. They are told by whoever ended it; what nobody tells is looked up.

import type { RemoteCommand } from '../domain/index.ts';

type Which = Pick<RemoteCommand, 'tenantId' | 'id'>;

export type AwaitedEnds = {
  /**
   * Resolves when the command has ended, or is so long overdue that it is not known whether it has.
   *
   * @param leftMs milliseconds to its deadline
   */
  readonly endOf: (command: Which, leftMs: number) => Promise<void>;
  /** The same for one that may have ended long ago. */
  readonly endOfKnown: (command: Which, leftMs: number) => Promise<void>;
  readonly hasEnded: (id: string) => void;
  /** Looks up all that are waited for. Rejects where it cannot. */
  readonly look: () => Promise<void>;
  /** Lets everybody go. */
  readonly close: () => void;
};

// Whoever sends a command ends it at its deadline; only if he is gone it is done here.
const patienceMs = 250;
const triedAgainAfterMs = 500;
const givenUpAfterMs = 10_000;

export function awaitedEnds(deps: {
  /** Answers which of the commands have ended. */
  readonly endedOf: (commands: readonly Which[]) => Promise<ReadonlySet<string>>;
  /** Ends a command whose deadline has passed. */
  readonly timeOut: (command: Which) => Promise<unknown>;
}): AwaitedEnds {
  type Awaited = { readonly command: Which; readonly ended: Promise<void>; readonly tell: () => void };
  const all = new Map<string, Awaited>();

  function awaited(command: Which, leftMs: number): Awaited {
    const { promise, resolve } = Promise.withResolvers<void>();
    let triedForMs = 0;
    let timer = setTimeout(() => void overdue(), leftMs + patienceMs);
    async function overdue(): Promise<void> {
      try {
        await deps.timeOut(command);
        await lookAt([command]);
      } catch {
        // The database is away: whoever waits is told so when he reads the command.
      }
      if (!all.has(command.id)) return;
      triedForMs += triedAgainAfterMs;
      if (triedForMs > givenUpAfterMs) hasEnded(command.id);
      else timer = setTimeout(() => void overdue(), triedAgainAfterMs);
    }
    const tell = () => {
      clearTimeout(timer);
      resolve();
    };
    return { command, ended: promise, tell };
  }

  async function lookAt(commands: readonly Which[]): Promise<void> {
    if (commands.length === 0) return;
    for (const id of await deps.endedOf(commands)) hasEnded(id);
  }

  function hasEnded(id: string): void {
    all.get(id)?.tell();
    all.delete(id);
  }

  async function endOf(command: Which, leftMs: number): Promise<void> {
    const known = all.get(command.id) ?? awaited(command, leftMs);
    all.set(command.id, known);
    await known.ended;
  }

  return {
    endOf,
    async endOfKnown(command, leftMs) {
      const ended = endOf(command, leftMs);
      // Where it cannot be looked up now, it is when all are.
      await lookAt([command]).catch(() => undefined);
      await ended;
    },
    hasEnded,
    look: () => lookAt([...all.values()].map(({ command }) => command)),
    close() {
      for (const id of all.keys()) hasEnded(id);
    },
  };
}
