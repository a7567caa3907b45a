// The door to PostgreSQL's sessions. Statements are prepared once per connection, and several travel in one round trip
// (pipeline.ts; docs/decisions/pg_without_query_builder.md has the measurements).
//
// Every session names the tenants whose rows it may touch before it touches any; row-level security holds it to that.

import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { Logger } from 'pino';
import { Unavailable } from '../domain/index.ts';
import { ImpossibleValue } from './binary_array.ts';
import { pipelined } from './pipeline.ts';
import type { RowForm, Statement } from './pipeline.ts';

export type { Statement } from './pipeline.ts';

/** What queries are run on: a connection of the pool each, or the one connection of a transaction. */
export type Session = {
  /** Runs one statement on tables outside the tenants' wall (tenants, api_clients, signing_keys). */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;

  /** Runs one statement that may touch rows of one tenant only. */
  queryAs<Row>(tenantId: string, text: string, values: readonly unknown[]): Promise<Row[]>;

  /** Like `queryAs`, for the tenants of these slugs: who they are is looked up in the same round trip. */
  queryAsTenantsOf<Row>(slugs: readonly string[], text: string, values: readonly unknown[]): Promise<Row[]>;

  /** Like `queryAs`, for several statements at once in one round trip; each row an array of PostgreSQL's own texts. */
  textRowsAs(tenantId: string, statements: readonly Statement[]): Promise<(string | null)[][][]>;

  /**
   * Runs statements in one transaction and one round trip; durable when it resolves, unless the session is itself a
   * transaction.
   *
   * @param tenantIds the tenants whose rows may be touched
   * @returns the rows of each statement
   * @throws the first statement's error; nothing was written then
   */
  transaction(tenantIds: readonly string[], statements: readonly Statement[]): Promise<unknown[][]>;
};

export type Database = Session & {
  /** Runs work in one transaction, durable when it resolves; rolled back when the work throws. */
  inTransaction<T>(work: (session: Session) => Promise<T>): Promise<T>;

  /** Answers whether the database answers. */
  isReachable(): Promise<boolean>;

  close(): Promise<void>;
};

// Whoever asks for health wants an answer, not the truth in half a minute.
const readyWithinMs = 2_000;

const nameTenants = "select set_config('chargeyard.tenants', $1, false)";

const nameTenantsOf =
  "select set_config('chargeyard.tenants', array(select id from tenants where slug = any ($1))::text, false)";

// What each connection named last, as far as that is sure. Naming it again would cost as much as a small query.
const lastNamed = new WeakMap<PoolClient, string>();

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
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    // A server that hangs, or is lost without a word, is given up a little after its own limit for a statement.
    query_timeout: 35_000,
    keepAlive: true,
    application_name: 'chargeyard',
    options: sessionSettings,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection broke'));
  // The same for one that breaks while it is lent out and no query is under way on it.
  pool.on('connect', (client) => {
    client.on('error', (error) => options.log.warn({ err: error }, 'a database connection broke'));
  });

  async function withClient<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      // Whatever keeps us out: no server, a restore under way, too many connections, a changed password.
      throw unavailable(error);
    }
    let isBroken = false;
    try {
      return await use(client);
    } catch (error) {
      lastNamed.delete(client);
      isBroken = error instanceof Unavailable;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  const pooled = sessionOn(withClient);
  return {
    ...pooled,
    inTransaction: (work) =>
      withClient(async (client) => {
        const run = (text: string) => sent(client, [{ text, values: [] }]);
        await run('begin');
        try {
          const result = await work(sessionOn((use) => use(client)));
          await run('commit');
          return result;
        } catch (error) {
          if (!(error instanceof Unavailable)) await run('rollback');
          throw error;
        } finally {
          // A commit that PostgreSQL made a rollback of, because of an error that the work lived with, unnames.
          lastNamed.delete(client);
        }
      }),
    async isReachable() {
      try {
        return await Promise.race([
          pooled.query('select 1').then(() => true),
          delay(readyWithinMs, false, { ref: false }),
        ]);
      } catch (error) {
        if (error instanceof Unavailable) return false;
        throw error;
      }
    },
    close: () => pool.end(),
  };
}

function sessionOn(withClient: <T>(use: (client: PoolClient) => Promise<T>) => Promise<T>): Session {
  const namedAndSent = (names: string, statements: readonly Statement[], form?: RowForm) =>
    withClient(async (client) => {
      // Unless it has named them last.
      const naming = lastNamed.get(client) === names ? [] : [{ text: nameTenants, values: [names] }];
      const rows = await sent(client, [...naming, ...statements], form);
      lastNamed.set(client, names);
      return rows.slice(naming.length);
    });
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      // Names no tenant: the session may have named one for whoever used it before.
      const [rows] = await namedAndSent('', [{ text, values }]);
      return rows as Row[];
    },
    async queryAs<Row>(tenantId: string, text: string, values: readonly unknown[]) {
      const [rows] = await namedAndSent(namesOf([tenantId]), [{ text, values }]);
      return rows as Row[];
    },
    async queryAsTenantsOf<Row>(slugs: readonly string[], text: string, values: readonly unknown[]) {
      const [, rows] = await withClient((client) => {
        // Only the database knows whom this names.
        lastNamed.delete(client);
        return sent(client, [
          { text: nameTenantsOf, values: [slugs] },
          { text, values },
        ]);
      });
      return rows as Row[];
    },
    textRowsAs: (tenantId, statements) =>
      namedAndSent(namesOf([tenantId]), statements, 'texts') as Promise<(string | null)[][][]>,
    transaction: (tenantIds, statements) => namedAndSent(namesOf(tenantIds), statements),
  };
}

const namesOf = (tenantIds: readonly string[]) => `{${tenantIds.join(',')}}`;

async function sent(
  client: PoolClient,
  statements: readonly Statement[],
  form?: RowForm,
): Promise<unknown[][]> {
  try {
    return await pipelined(client, statements, form);
  } catch (error) {
    throw isTransient(error) ? unavailable(error) : error;
  }
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

/** SQLSTATE classes 22 (data) and 23 (constraints): the statement will fail again, but without that value it need not. */
export function isFaultOfAValue(error: unknown): boolean {
  return error instanceof ImpossibleValue || /^2[23]/.test(sqlState(error) ?? '');
}

/** Whether a transaction was given up because it and another waited for each other. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof Unavailable && sqlState(error.cause) === '40P01';
}

// What may go well a moment later: connections lost or refused (08, 57P), resources short (53), a statement that waited
// too long or lost a deadlock (57014, 55P03, 40), a server that is read-only during a switch-over (25006). All that
// carries no SQLSTATE came from the socket.
function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || /^(08|57P|53|40)|^(57014|55P03|25006)$/.test(state);
}

function unavailable(cause: unknown): Unavailable {
  return new Unavailable('The database cannot be reached.', { cause });
}
