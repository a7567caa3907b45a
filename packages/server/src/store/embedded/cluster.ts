// The cluster: PostgreSQL's own folder, `postgres` in the data folder. Here: recognising an existing one, and making
// a new one such that it is either whole or not there.

import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { majorVersion, runnableBinaries, sharedFolder } from './binaries.ts';
import type { DataFolder } from './data_folder.ts';
import { reasonIn } from './postgres_log.ts';
import type { Secrets } from './secrets.ts';
import { initialSettings } from './settings.ts';
import { StartError } from './start_error.ts';
import {
  canEnter,
  isRoot,
  runAs,
  userForCluster,
  userForNewCluster,
  type SystemUser,
} from './system_user.ts';

/** `path` is the real one, without symbolic links. */
export type Cluster = { readonly path: string; readonly user: SystemUser };

/**
 * Answers the data folder's cluster, undefined if it has none yet.
 *
 * @throws {StartError} when there is something that this PostgreSQL cannot open
 */
export async function findCluster(folder: DataFolder): Promise<Cluster | undefined> {
  const entry = await lstat(folder.cluster).catch(() => undefined);
  if (entry === undefined) return undefined;
  const path = await realpath(folder.cluster).catch(() => undefined);
  if (path === undefined) {
    throw new StartError(
      `${folder.cluster} points to ${await readlink(folder.cluster)}, which does not exist any more: restore that ` +
        `folder, or remove the link to begin with an empty database.`,
    );
  }
  const version = await readFile(join(path, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) {
    // Somebody made the folder in advance; a new cluster takes its place.
    if ((await readdir(path)).length === 0) return undefined;
    throw new StartError(`${path} is not a PostgreSQL cluster: move it away, or choose another data folder.`);
  }
  if (Number(version) !== majorVersion) {
    throw new StartError(
      `The data folder ${folder.path} was written by PostgreSQL ${version.trim()}, and this release brings ` +
        `PostgreSQL ${majorVersion}: dump it with the release that wrote it and restore it into an empty data ` +
        `folder (docs/operations.md).`,
    );
  }
  return { path, user: await ownerOf(path) };
}

/**
 * Makes the data folder's cluster. It gets its name only when it is complete; an attempt that was killed leaves a
 * folder postgres.new-…, which the next attempt removes.
 *
 * @param isFlushed false: an empty cluster need not survive a power failure (tests)
 */
export async function createCluster(
  folder: DataFolder,
  secrets: Secrets,
  isFlushed: boolean,
  progress: (line: string) => void,
): Promise<Cluster> {
  progress('Preparing PostgreSQL (first start) …');
  await removeUnfinished(folder);
  const user = await userForNewCluster();
  const binaries = await runnableBinaries(user, folder.path, progress);
  const id = randomBytes(8).toString('hex');
  const unfinished = join(folder.path, `${unfinishedPrefix}${id}`);
  const path = await newClusterFolder(folder, unfinished, id, user, progress);

  const passwordFile = passwordFileOf(path);
  await writeFile(passwordFile, secrets.superuser + '\n', { mode: 0o600, flag: 'wx' });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  const finished = await runAs(user, binaries.initdb, [
    '-D',
    path,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth-local=scram-sha-256',
    '--auth-host=reject',
    '--encoding=UTF8',
    // Sorts by code point, knows upper and lower case of all scripts, and never changes with the system's libraries.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(isFlushed ? [] : ['--no-sync']),
    ...Object.entries(initialSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  await rm(passwordFile);
  if (finished.code !== 0) {
    await removeUnfinished(folder);
    const reason = reasonIn(finished.output) || 'it was ended by a signal';
    throw new StartError(`PostgreSQL's folder could not be prepared in ${folder.path}: ${reason}`, {
      cause: new Error(finished.output),
    });
  }
  await rmdir(folder.cluster).catch(() => undefined);
  await rename(unfinished, folder.cluster);
  if (isFlushed) await flushFolder(folder.path);
  return { path: await realpath(folder.cluster), user };
}

const unfinishedPrefix = 'postgres.new-';

function passwordFileOf(path: string): string {
  return `${path}.password`;
}

/** Makes the empty folder, owned by PostgreSQL's user: in the data folder, or where that user can enter it. */
async function newClusterFolder(
  folder: DataFolder,
  unfinished: string,
  id: string,
  user: SystemUser,
  progress: (line: string) => void,
): Promise<string> {
  const isReachable = user === undefined || (await canEnter(user, folder.path));
  const path = isReachable ? unfinished : join(sharedFolder, id);
  if (!isReachable) {
    progress(`${folder.path} is closed to PostgreSQL's user ${user.name}: its data goes to ${path}.`);
    await mkdir(sharedFolder, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
      throw new StartError(
        `PostgreSQL's user ${user.name} cannot enter ${folder.path}, and ${sharedFolder} cannot be created: ` +
          `choose a data folder that every user may pass through, or start Chargeyard as an ordinary user.`,
        { cause: error },
      );
    });
    // The link first: it is how a killed attempt's folder is found.
    await symlink(path, unfinished);
  }
  await mkdir(path, { mode: 0o700 });
  if (user !== undefined) await chown(path, user.uid, user.gid);
  return path;
}

async function removeUnfinished(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (!name.startsWith(unfinishedPrefix)) continue;
    const entry = join(folder.path, name);
    const target = await readlink(entry).catch(() => undefined);
    const isOurs =
      target !== undefined && dirname(target) === sharedFolder && /^[0-9a-f]{16}$/.test(basename(target));
    for (const path of isOurs ? [target, passwordFileOf(target), entry] : [entry]) {
      // A killed attempt's initdb may still write to it for a moment.
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    }
  }
}

/** Answers the user who must run the cluster. As root, first puts right what a copy made by root has changed. */
async function ownerOf(path: string): Promise<SystemUser> {
  const stats = await stat(path);
  // PostgreSQL refuses a folder that others can enter; some ways to copy or mount a folder open it.
  if ((stats.mode & 0o027) !== 0) await chmod(path, 0o700);
  if (!isRoot() || stats.uid !== 0) return userForCluster(stats);
  const user = await userForNewCluster();
  if (user === undefined) return undefined;
  for (const name of await readdir(path, { recursive: true }))
    await lchown(join(path, name), user.uid, user.gid);
  // The folder itself last, so that an interrupted attempt is repeated.
  await chown(path, user.uid, user.gid);
  return user;
}

async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
