// PostgreSQL's main process (its own name for it: postmaster): finding the one that runs, starting one, stopping it.
// Everything here happens behind the start gate, so that no other Chargeyard does the same meanwhile.

import { spawn, type ChildProcess } from 'node:child_process';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { connectedClient, notReadyCodes, superuserConnection } from './connection.ts';
import { openLog, reasonInLog } from './postgres_log.ts';
import { isPostmasterOf, isSomeProcess, readPostmasterFile, type PostmasterFile } from './postmaster_file.ts';
import type { Secrets } from './secrets.ts';
import { startArguments } from './settings.ts';
import { newSocketFolder, removeSocket, removeSocketOf, socketFolderOf } from './socket_folder.ts';
import { StartError } from './start_error.ts';
import { spawnOptions, type SystemUser } from './system_user.ts';

const pollMs = 10;
// Recovery after a crash reads up to max_wal_size of log, on a slow disk minutes.
const readyPatienceMs = 300_000;
const slowMs = 3_000;
// Between the creation of postmaster.pid and its first line lie microseconds.
const writePatienceMs = 500;
// Backends of a postmaster that was killed end on their own, at the latest when their statement does.
const orphansPatienceMs = 30_000;

/**
 * Answers the socket folder of the PostgreSQL that runs on the cluster, ready for connections; waits for one that is
 * starting or stopping. undefined when none runs; then nothing that a dead one left is in the way of a new one.
 *
 * @throws {StartError} when one runs that does not become ready, or does not know our password
 */
export async function findPostmaster(
  cluster: string,
  secrets: Secrets,
  progress: (line: string) => void,
): Promise<string | undefined> {
  const startedAt = performance.now();
  const wait = patience('Waiting for the running PostgreSQL …', progress);
  for (;;) {
    const file = await readPostmasterFile(cluster);
    if (file === undefined) {
      await removeSocketOf(cluster);
      return undefined;
    }
    if (file.pid === 0 && performance.now() - startedAt < writePatienceMs) {
      await delay(pollMs);
      continue;
    }
    const socketFolder = await socketFolderOf(cluster, file);
    // An answer counts more than the pid: in another container on the same folder the pid means nothing.
    const answer = socketFolder === undefined ? 'silent' : await probe(socketFolder, secrets);
    if (answer === 'ready') return socketFolder;
    if (answer === 'silent' && !(await isPostmasterOf(cluster, file.pid))) {
      await removeRemains(cluster, file);
      return undefined;
    }
    await wait(`process ${file.pid}`);
  }
}

/**
 * Starts PostgreSQL and waits until it answers.
 *
 * @param log path of its log file
 * @returns the socket folder
 * @throws {StartError} with PostgreSQL's own reason when it ends at once
 */
export async function startPostmaster(options: {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly user: SystemUser;
  readonly settings: Readonly<Record<string, string>>;
  readonly formerSocketFolder: string | undefined;
  readonly log: string;
  readonly progress: (line: string) => void;
}): Promise<string> {
  const { cluster, log, progress, user } = options;
  const startedAt = performance.now();
  const socketFolder = await newSocketFolder(cluster, user, options.formerSocketFolder);
  for (;;) {
    const { file, offset } = await openLog(log);
    const postmaster = spawn(
      options.binaries.postgres,
      startArguments(cluster, socketFolder, options.settings),
      // A session of its own: Ctrl-C in the terminal must reach us only, who then stop PostgreSQL in order.
      { ...spawnOptions(user), detached: true, stdio: ['ignore', file.fd, file.fd] },
    );
    const end = endOf(postmaster);
    await file.close();
    if (await becameReady(cluster, postmaster, end, progress)) {
      // From here on it may outlive us.
      postmaster.unref();
      return socketFolder;
    }
    const reason = (await end)?.message ?? (await reasonInLog(log, offset, postmaster.pid));
    const isOrphansFault = /pre-existing shared memory block|lock file .* already exists/.test(reason);
    if (isOrphansFault && performance.now() - startedAt < orphansPatienceMs) {
      await delay(100);
      continue;
    }
    await removeSocket(socketFolder);
    throw new StartError(`PostgreSQL did not start: ${reason || 'it ended at once'} (its log: ${log}).`, {
      cause: await end,
    });
  }
}

/**
 * Stops the PostgreSQL of the cluster and waits until it is gone; open connections are cut. Does nothing when none
 * runs, or when the one that runs is beyond our reach (in another container).
 */
export async function stopPostmaster(cluster: string): Promise<void> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined) return;
  const socketFolder = await socketFolderOf(cluster, file);
  // SIGINT: fast shutdown. SIGQUIT: without a checkpoint; the next start recovers. SIGKILL as the last resort.
  for (const [signal, patienceMs] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!(await isPostmasterOf(cluster, file.pid))) break;
    try {
      process.kill(file.pid, signal);
    } catch {
      break;
    }
    const askedAt = performance.now();
    while (performance.now() - askedAt < patienceMs && (await isPostmasterOf(cluster, file.pid))) {
      await delay(pollMs);
    }
  }
  if (socketFolder !== undefined && socketFolder !== cluster) await removeSocket(socketFolder);
}

async function probe(socketFolder: string, secrets: Secrets): Promise<'ready' | 'not_ready' | 'silent'> {
  try {
    const client = await connectedClient(superuserConnection(socketFolder, secrets), 'chargeyard probe');
    await client.end();
    return 'ready';
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (notReadyCodes.includes(code)) return 'not_ready';
    // SQLSTATE 28P01, invalid password.
    if (code === '28P01') throw wrongPassword(error);
    return 'silent';
  }
}

/** The error for a superuser's password that PostgreSQL does not accept. */
export function wrongPassword(cause: unknown): StartError {
  return new StartError(
    'PostgreSQL does not accept the password in the file postgres_superuser_password of the data folder: ' +
      'restore that file together with the folder postgres.',
    { cause },
  );
}

/**
 * Removes what a dead PostgreSQL left, but postmaster.pid only where PostgreSQL itself would stumble over it: if the
 * number in it belongs to some other process of the same user by now, or is missing. Else that file is left to
 * PostgreSQL, which also finds by it the predecessor's processes that have not ended yet.
 */
async function removeRemains(cluster: string, file: PostmasterFile): Promise<void> {
  await removeSocketOf(cluster, file);
  if (file.pid !== 0 && !isSomeProcess(file.pid)) return;
  await unlink(join(cluster, 'postmaster.pid')).catch(() => undefined);
}

/** Answers when the process has ended: the error if it could not be started at all, else undefined. */
function endOf(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', () => resolve(undefined));
  });
}

/** Waits until the process has written that it is ready (true), or has ended (false). */
async function becameReady(
  cluster: string,
  postmaster: ChildProcess,
  end: Promise<unknown>,
  progress: (line: string) => void,
): Promise<boolean> {
  const ended = new AbortController();
  void end.then(() => ended.abort());
  const wait = patience('PostgreSQL is starting; after a crash this takes longer …', progress);
  while (!ended.signal.aborted) {
    // Its file, not a connection: each one that it refuses while it recovers is a line in its log.
    const file = await readPostmasterFile(cluster);
    if (file?.pid === postmaster.pid && file?.isReady) return true;
    await wait(`process ${postmaster.pid}`);
  }
  return false;
}

/** Answers a function that waits a moment; says so once if it gets long, and throws when it gets too long. */
function patience(line: string, progress: (line: string) => void): (who: string) => Promise<void> {
  const startedAt = performance.now();
  let isAnnounced = false;
  return async (who) => {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > slowMs && !isAnnounced) {
      isAnnounced = true;
      progress(line);
    }
    if (waitedMs > readyPatienceMs) {
      throw new StartError(
        `PostgreSQL (${who}) was not ready for connections after ${readyPatienceMs / 1000} seconds: ` +
          `look into postgres.log in the data folder; it may still be recovering, then start again later.`,
      );
    }
    await delay(pollMs);
  };
}
