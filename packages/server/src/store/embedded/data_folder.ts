// The data folder: which file in it is what, and the sentences for a folder that cannot be used.

import { access, chmod, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isRoot } from './system_user.ts';
import { StartError } from './start_error.ts';

/** Paths inside a data folder, all absolute. */
export type DataFolder = {
  readonly path: string;
  /** The cluster, or a symbolic link to it. */
  readonly cluster: string;
  readonly startGate: string;
  readonly log: string;
};

/**
 * Creates the data folder where it is missing, and checks that this process may use it.
 *
 * @throws {StartError} when it cannot be created, is not writable, or belongs to another user
 */
export async function preparedDataFolder(dataFolder: string): Promise<DataFolder> {
  const wanted = resolve(dataFolder);
  try {
    if ((await mkdir(wanted, { recursive: true })) !== undefined) {
      // Started as root, PostgreSQL runs as another user, who must be able to pass through to its cluster.
      await chmod(wanted, isRoot() ? 0o711 : 0o700);
    }
    await access(wanted, constants.W_OK | constants.X_OK);
  } catch (error) {
    const better = await reasonOfMissing(wanted, error);
    throw folderError(better, wanted) ?? better;
  }
  const path = await realpath(wanted);
  const folder = {
    path,
    cluster: join(path, 'postgres'),
    startGate: join(path, 'start.lock'),
    log: join(path, 'postgres.log'),
  };
  await refuseForeignFolder(folder);
  return folder;
}

/** Answers the sentence for a file system error that a person can remove, undefined for any other error. */
export function folderError(error: unknown, path: string): StartError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const cause = { cause: error };
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return new StartError(
        `The data folder ${path} is not writable for this user: change its owner or choose another folder.`,
        cause,
      );
    case 'EROFS':
      return new StartError(
        `The data folder ${path} is on a read-only file system: choose another folder or mount it writable.`,
        cause,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new StartError(
        `The disk of the data folder ${path} is full: free some space and start again.`,
        cause,
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartError(
        `The data folder ${path} is not a folder: remove that file or choose another path.`,
        cause,
      );
    default:
      return undefined;
  }
}

/** Node's recursive mkdir says ENOENT also on a read-only file system; the nearest folder above knows better. */
async function reasonOfMissing(path: string, error: unknown): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return access(await nearestFolder(path), constants.W_OK | constants.X_OK).then(
    () => error,
    (reason: unknown) => reason,
  );
}

async function nearestFolder(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined && dirname(path) !== path ? nearestFolder(dirname(path)) : path;
}

async function refuseForeignFolder(folder: DataFolder): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0) return;
  for (const path of [folder.cluster, folder.startGate]) {
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined || stats.uid === uid) continue;
    throw new StartError(
      `The data folder ${folder.path} was used by another user before (${path} belongs to user id ${stats.uid}): ` +
        `start Chargeyard as that user or as root, or hand the folder over with chown -R.`,
    );
  }
}
