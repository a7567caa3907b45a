// Writes of several kinds that come in the same moment, made one transaction: while it commits, those that come meanwhile
// gather for the next. So many commands cost few commits, and a lone one waits for none but its own.

import { tenantIdsOf } from './columns.ts';
import { isDeadlock, isFaultOfAValue } from './database.ts';
import type { Database, Statement } from './database.ts';

/** How writes of a kind are made, several at once. */
export type Writes<Write, Answer> = {
  /** The same for the same writes: after a deadlock they are made once more. */
  readonly statements: (writes: readonly Write[]) => readonly Statement[];
  /**
   * Answers the writes in their order, once they are durable.
   *
   * @param rows those of each statement
   */
  readonly answers: (writes: readonly Write[], rows: readonly (readonly unknown[])[]) => readonly Answer[];
};

type OfTenant = { readonly tenantId: string };

/**
 * Answers a function that adds a kind of writes, whose statements come after those of the kinds before.
 *
 * @param most    so many in a transaction
 * @param written told how many there were
 */
export function writtenTogether(
  database: Database,
  { most, written }: { most: number; written: (count: number) => void },
) {
  type Kind = Writes<OfTenant, unknown>;
  type Waiting = {
    readonly kind: Kind;
    readonly write: OfTenant;
    readonly answered: (answer: unknown) => void;
    readonly failed: (error: unknown) => void;
  };
  const kinds: Kind[] = [];
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    // What comes in the same moment is written together, too.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await writeGroup(group);
    }
    isWriting = false;
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await write(group, true);
    } catch (error) {
      // One impossible value must not cost the others their writes.
      if (group.length > 1 && isFaultOfAValue(error)) for (const one of group) await writeGroup([one]);
      else for (const { failed } of group) failed(error);
    }
  }

  async function write(group: readonly Waiting[], mayTryAgain: boolean): Promise<void> {
    const ofKinds = kinds
      .map((kind) => ({ kind, of: group.filter((each) => each.kind === kind) }))
      .filter(({ of }) => of.length > 0)
      .map(({ kind, of }) => ({ kind, of, statements: kind.statements(of.map((each) => each.write)) }));
    let rows: unknown[][];
    try {
      rows = await database.transaction(
        tenantIdsOf(group.map((each) => each.write)),
        ofKinds.flatMap(({ statements }) => statements),
      );
    } catch (error) {
      if (!mayTryAgain || !isDeadlock(error)) throw error;
      return write(group, false);
    }
    written(group.length);
    for (const { kind, of, statements } of ofKinds) {
      const answers = kind.answers(
        of.map((each) => each.write),
        rows.splice(0, statements.length),
      );
      for (const [at, { answered }] of of.entries()) answered(answers[at]);
    }
  }

  /** Answers the function that makes a write of the kind. It rejects with what the transaction fails with. */
  return function writesOf<Write extends OfTenant, Answer>(
    kind: Writes<Write, Answer>,
  ): (write: Write) => Promise<Answer> {
    // Only what `writesOf` answers makes writes of this kind.
    const known = kind as unknown as Kind;
    kinds.push(known);
    return (one) =>
      new Promise((answered, failed) => {
        waiting.push({ kind: known, write: one, answered: answered as (answer: unknown) => void, failed });
        if (!isWriting) void writeAll();
      });
  };
}

export type WritesOf = ReturnType<typeof writtenTogether>;
