// Statements that travel together: written to the socket at once, and one transaction of PostgreSQL, which commits at the
// Sync behind the last of them ("Pipelining" in PostgreSQL's chapter on its protocol). Queries that `pg` pipelines by
// itself have a write, a Sync and a timer each, which cost more than a small statement does.

import pg, { types } from 'pg';
import type { ClientBase, FieldDef, Submittable } from 'pg';

/** One statement with its values. `$1` … in the text; never values spliced into it. */
export type Statement = {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Put together for one request: not worth a prepared statement of its own. */
  readonly isOneOff?: true;
};

/** Rows are objects of JavaScript's values, or arrays of PostgreSQL's own texts. */
export type RowForm = 'objects' | 'texts';

/** The parts of `pg` that its types leave out or describe otherwise. */
type Wire = {
  readonly stream: { cork(): void; uncork(): void };
  close(what: { type: 'S'; name: string }): void;
  parse(what: { name: string; text: string }): void;
  bind(what: { statement: string; values: readonly unknown[]; valueMapper: typeof textOfValue }): void;
  describe(what: { type: 'P' }): void;
  execute(): void;
  sync(): void;
};
const { prepareValue: textOfValue } = (
  pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }
).utils;
const parserOf = types.getTypeParser as (typeId: number) => (text: string) => unknown;

type Columns = {
  readonly fields: readonly FieldDef[];
  readonly parsers: readonly ((text: string) => unknown)[];
};
const noColumns: Columns = { fields: [], parsers: [] };

const names = new Map<string, string>();
/** What is prepared on a connection, by name, and the columns of its rows, which PostgreSQL need not tell again. */
const preparedOn = new WeakMap<Wire, Map<string, Columns>>();

function nameOf({ text, isOneOff }: Statement): string {
  if (isOneOff) return '';
  const name = names.get(text) ?? `s${names.size + 1}`;
  names.set(text, name);
  return name;
}

/**
 * Runs statements on a client that has nothing else under way.
 *
 * @returns the rows of each, when all is committed, unless the client is in a transaction that was begun before
 * @throws the first error there is; nothing was written then
 */
export function pipelined(
  client: ClientBase,
  statements: readonly Statement[],
  form: RowForm = 'objects',
): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, rows: unknown[][]) => (error ? reject(error) : resolve(rows));
    client.query(new Pipeline(statements, form, callback));
  });
}

class Pipeline implements Submittable {
  readonly #statements: readonly Statement[];
  readonly #form: RowForm;
  readonly #rows: unknown[][] = [];
  #prepared = new Map<string, Columns>();
  /** Of each statement, undefined where PostgreSQL tells them. */
  readonly #known: (Columns | undefined)[] = [];
  #columns = noColumns;
  #rowsOfStatement: unknown[] = [];
  #error: unknown;
  /** The client puts another in its place, which ends the timer of its `query_timeout`, too. */
  callback: (error: unknown, rows: unknown[][]) => void;

  constructor(statements: readonly Statement[], form: RowForm, callback: Pipeline['callback']) {
    this.#statements = statements;
    this.#form = form;
    this.callback = callback;
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    this.#prepared = preparedOn.get(wire) ?? this.#prepared;
    preparedOn.set(wire, this.#prepared);
    wire.stream.cork();
    try {
      for (const statement of this.#statements) {
        const name = nameOf(statement);
        const known = this.#prepared.get(name);
        if (known === undefined) {
          // It is there already if what came before it failed the last time.
          wire.close({ type: 'S', name });
          wire.parse({ name, text: statement.text });
        }
        wire.bind({ statement: name, values: statement.values, valueMapper: textOfValue });
        if (known === undefined) wire.describe({ type: 'P' });
        wire.execute();
        this.#known.push(known);
      }
    } catch (error) {
      // A value that has no text: what was written before it is not to be committed.
      this.#error = error;
      wire.parse({ name: '', text: 'a statement of which a value cannot be written' });
    }
    wire.sync();
    wire.stream.uncork();
    this.#columns = this.#known[0] ?? noColumns;
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.#columns = { fields, parsers: fields.map(({ dataTypeID }) => parserOf(dataTypeID)) };
  }

  handleDataRow({ fields: texts }: { fields: (string | null)[] }): void {
    if (this.#form === 'texts') {
      this.#rowsOfStatement.push(texts);
      return;
    }
    const { fields, parsers } = this.#columns;
    const row: Record<string, unknown> = {};
    for (const [at, { name }] of fields.entries()) {
      const text = texts[at] ?? null;
      row[name] = text === null ? null : parsers[at]?.(text);
    }
    this.#rowsOfStatement.push(row);
  }

  handleCommandComplete(): void {
    const statement = this.#statements[this.#rows.length];
    // The unnamed one is another's the next time.
    if (statement !== undefined && !statement.isOneOff) this.#prepared.set(nameOf(statement), this.#columns);
    this.#rows.push(this.#rowsOfStatement);
    this.#rowsOfStatement = [];
    this.#columns = this.#known[this.#rows.length] ?? noColumns;
  }

  handleError(error: unknown): void {
    this.callback(this.#error ?? error, []);
  }

  handleReadyForQuery(): void {
    this.callback(undefined, this.#rows);
  }
}
