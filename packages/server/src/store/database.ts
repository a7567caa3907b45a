// The only file that talks to PostgreSQL through `pg`. Queries are prepared once per connection and pipelined: several
// statements travel in one round trip (docs/decisions/pg_without_query_builder.md has the measurements).
//
// Every session names the tenants whose rows it may touch before it touches any; row-level security holds it to that.

import { Pool } from 'pg';
import type { CustomTypesConfig, PoolClient, PoolConfig, QueryArrayConfig, QueryConfig } from 'pg';
import type { Logger } from 'pino';
import { Unavailable } from '../domain/index.ts';

/** One statement with its values. `$1` … in the text; never values spliced into it. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

export type Database = {
  /** Runs one statement on tables outside the tenants' wall (tenants, api_clients, signing_keys). */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;

  /** Runs one statement that may touch rows of one tenant only. */
  queryAs<Row>(tenantId: string, text: string, values: readonly unknown[]): Promise<Row[]>;

  /** Like `queryAs`, for several statements at once in one round trip; each row an array of PostgreSQL's own texts. */
  textRowsAs(tenantId: string, statements: readonly Statement[]): Promise<(string | null)[][][]>;

  /**
   * Runs statements in one transaction and one round trip; durable when it resolves.
   *
   * @param tenantIds the tenants whose rows may be touched
   * @throws the first statement's error; nothing was written then
   */
  transaction(tenantIds: readonly string[], statements: readonly Statement[]): Promise<void>;

  /** Answers whether the database answers. */
  isReachable(): Promise<boolean>;

  close(): Promise<void>;
};

const nameTenants = "select set_config('chargeyard.tenants', $1, false)";

// Timestamps as Date objects were half the cost of a list; what is only passed on stays PostgreSQL's text.
const asText = { getTypeParser: () => (text: string) => text } as unknown as CustomTypesConfig;

// Planning a page anew took longer than running it: plans are made once per connection and must not depend on values, so
// each statement is written to have only one sensible plan.
const sessionSettings = [
  'timezone=UTC',
  'datestyle=ISO',
  'statement_timeout=30s',
  'idle_in_transaction_session_timeout=30s',
  'plan_cache_mode=force_generic_plan',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

export function openDatabase(options: {
  connection: PoolConfig;
  log: Logger;
  maxConnections: number;
}): Database {
  const pool = new Pool({
    ...options.connection,
    pipeline: true,
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    application_name: 'chargeyard',
    options: sessionSettings,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'));

  /** Sends everything at once, waits for all of it, and answers the first error there is. */
  async function pipelined<T>(send: (client: PoolClient) => Promise<T>[]): Promise<T[]> {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      // Whatever keeps us out: no server, a restore under way, too many connections, a changed password.
      throw unavailable(error);
    }
    const settled = await Promise.allSettled(send(client));
    const failed = settled.find((result) => result.status === 'rejected');
    const broke = failed !== undefined && isConnectionError(failed.reason);
    client.release(broke);
    if (failed !== undefined) throw broke ? unavailable(failed.reason) : failed.reason;
    return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
  }

  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const [result] = await pipelined((client) => [rows(client, text, values)]);
      return result as Row[];
    },
    async queryAs<Row>(tenantId: string, text: string, values: readonly unknown[]) {
      const [, result] = await pipelined((client) => [
        rows(client, nameTenants, [`{${tenantId}}`]),
        rows(client, text, values),
      ]);
      return result as Row[];
    },
    async textRowsAs(tenantId, statements) {
      const [, ...results] = await pipelined((client) => [
        rows(client, nameTenants, [`{${tenantId}}`]),
        ...statements.map(({ text, values }) => {
          const config: QueryArrayConfig = { ...prepared(text, values), rowMode: 'array', types: asText };
          return client.query(config).then((result) => result.rows as unknown[]);
        }),
      ]);
      return results as (string | null)[][][];
    },
    async transaction(tenantIds, statements) {
      await pipelined((client) => [
        client.query(prepared('begin', [])),
        client.query(prepared(nameTenants, [`{${tenantIds.join(',')}}`])),
        ...statements.map(({ text, values }) => client.query(prepared(text, values))),
        // After a failed statement this rolls back, as PostgreSQL does with a commit of an aborted transaction.
        client.query(prepared('commit', [])),
      ]);
    },
    async isReachable() {
      try {
        await pipelined((client) => [client.query('select 1')]);
        return true;
      } catch (error) {
        if (error instanceof Unavailable) return false;
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

function rows(client: PoolClient, text: string, values: readonly unknown[]): Promise<unknown[]> {
  return client.query(prepared(text, values)).then((result) => result.rows as unknown[]);
}

const names = new Map<string, string>();

function prepared(text: string, values: readonly unknown[]): QueryConfig {
  let name = names.get(text);
  if (name === undefined) {
    name = `s${names.size + 1}`;
    names.set(text, name);
  }
  return { name, text, values: values as unknown[] };
}

/** Answers the SQLSTATE of a database error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'severity' in error
    ? (error as Error & { code?: string }).code
    : undefined;
}

/** Answers the name of the constraint that a statement broke, if it broke one. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof Error && 'constraint' in error
    ? (error.constraint as string | undefined)
    : undefined;
}

// Classes 08 (connection), 57P (shut down, starting up), 53300 (too many connections); all that carries no SQLSTATE
// came from the socket.
function isConnectionError(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || state.startsWith('08') || state.startsWith('57P') || state === '53300';
}

function unavailable(cause: unknown): Unavailable {
  return new Unavailable('The database cannot be reached.', { cause });
}
