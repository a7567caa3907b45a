// The door of the embedded PostgreSQL: a real PostgreSQL 18 from npm packages, in a data folder, shared by one server
// and any number of short verbs, and stopped by whoever leaves last. How and why: docs/decisions/embedded_postgres.md.

import { setTimeout as delay } from 'node:timers/promises';
import { attach, detach, type Attachment, type AttachOptions } from './attachment.ts';
import { roleConnection, superuserConnection, type DatabaseConnection } from './connection.ts';
import { folderError, preparedDataFolder } from './data_folder.ts';
import type { Purpose } from './use_locks.ts';

export type { DatabaseConnection } from './connection.ts';
export { StartError } from './start_error.ts';

export type EmbeddedPostgres = {
  /** Role `chargeyard`, no superuser, owner of database `chargeyard`. */
  readonly connection: DatabaseConnection;
  /** Role `postgres`, database `postgres`; for tests, which make template databases. */
  readonly superuserConnection: DatabaseConnection;
  /**
   * Lets go of PostgreSQL; stops it unless another process still uses it. End your own connections first: they are
   * cut otherwise. A second call waits for the first.
   */
  close(): Promise<void>;
};

/**
 * Opens the PostgreSQL of a data folder: makes the folder and the cluster where they are missing, takes over a
 * PostgreSQL that runs already, else starts it. Does not migrate.
 *
 * @param options.dataFolder relative to the working directory, or absolute; the cluster is `postgres` in it
 * @param options.purpose    `server`: at most one per data folder; `verb`: any number, while a server runs or not
 * @param options.progress   gets lines for a person, without line end, when something takes longer
 * @param options.settings   more PostgreSQL settings (`fsync` → `off`); without effect on a PostgreSQL that runs
 * @throws {StartError} with one clear sentence when it cannot be opened
 */
export async function openEmbeddedPostgres(options: {
  dataFolder: string;
  purpose: Purpose;
  progress: (line: string) => void;
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const folder = await preparedDataFolder(options.dataFolder);
  const attachOptions = { settings: {}, ...options, folder, formerSocketFolder: undefined };
  let current: Attachment | undefined;
  try {
    current = await attach(attachOptions);
  } catch (error) {
    throw folderError(error, folder.path) ?? error;
  }
  const stopKeeping = keepAttached(current, attachOptions);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const last = await stopKeeping();
    if (last !== undefined) await detach(last, attachOptions);
  };
  return {
    connection: roleConnection(current.socketFolder, current.secrets),
    superuserConnection: superuserConnection(current.socketFolder, current.secrets),
    close: () => (closed ??= close()),
  };
}

/**
 * Watches a server's hold and takes it again when its connection is cut: if one backend dies, PostgreSQL ends all
 * sessions, and with its session the server would have lost its locks; if PostgreSQL died, it is started again.
 * A verb is too short for that.
 *
 * @returns a function that stops watching and answers the present hold, undefined if there is none
 */
function keepAttached(first: Attachment, options: AttachOptions): () => Promise<Attachment | undefined> {
  const stopped = new AbortController();
  let current: Promise<Attachment | undefined> = Promise.resolve(first);
  const watch = (attachment: Attachment): void => {
    attachment.client.once('end', () => {
      if (stopped.signal.aborted || options.purpose === 'verb') return;
      options.progress('The connection to PostgreSQL was cut; taking it up again …');
      current = attachedAgain(
        { ...options, formerSocketFolder: attachment.socketFolder },
        stopped.signal,
      ).then((again) => {
        if (again !== undefined) watch(again);
        return again;
      });
    });
  };
  watch(first);
  return () => {
    stopped.abort();
    return current;
  };
}

async function attachedAgain(options: AttachOptions, stopped: AbortSignal): Promise<Attachment | undefined> {
  let lastReason = '';
  while (!stopped.aborted) {
    try {
      const again = await attach(options);
      options.progress('PostgreSQL is there again.');
      return again;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== lastReason) options.progress(reason);
      lastReason = reason;
    }
    await delay(1_000, undefined, { signal: stopped }).catch(() => undefined);
  }
  return undefined;
}
