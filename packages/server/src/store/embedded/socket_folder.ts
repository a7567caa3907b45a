// Where PostgreSQL's Unix socket lies: in the cluster's own folder, which only its user may enter, or, where that
// path is too long for a socket, in a private folder under the system's temporary one.

import { chown, mkdir, mkdtemp, rmdir, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { socketPort } from './connection.ts';
import { StartError } from './start_error.ts';
import { canEnter, type SystemUser } from './system_user.ts';

// sizeof(sockaddr_un.sun_path) less the final zero.
const longestSocketPath = process.platform === 'darwin' ? 103 : 107;
const socketName = `.s.PGSQL.${socketPort}`;
const temporaryPrefix = 'chargeyard-';

/**
 * Answers a folder for the socket of a PostgreSQL that is about to start; makes one where the cluster's will not do.
 *
 * @param former where the socket was before, if somebody still connects there; used again if possible
 */
export async function newSocketFolder(
  cluster: string,
  user: SystemUser,
  former: string | undefined,
): Promise<string> {
  if (isShortEnough(cluster)) return cluster;
  if (former !== undefined && (await madePrivate(former, user))) return former;
  for (const parent of [tmpdir(), '/tmp']) {
    if (!isShortEnough(join(parent, `${temporaryPrefix}XXXXXX`)) || !(await canEnter(user, parent))) continue;
    const folder = await mkdtemp(join(parent, temporaryPrefix));
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    return folder;
  }
  throw new StartError(
    `The path of the data folder (${cluster}) is too long for PostgreSQL's socket, and so is that of the ` +
      `temporary folder ${tmpdir()}: choose a shorter data folder.`,
  );
}

/**
 * Answers where the socket of a PostgreSQL that may still run is, by its postmaster.pid. The cluster's own folder
 * goes first: a copied or renamed data folder brings a postmaster.pid that names another folder.
 */
export async function socketFolderOf(
  cluster: string,
  file: { readonly cluster: string; readonly socketFolder: string | undefined },
): Promise<string | undefined> {
  if (isShortEnough(cluster) && (await exists(join(cluster, socketName)))) return cluster;
  const temporary = await temporaryFolderOf(cluster, file);
  return temporary !== undefined && (await exists(join(temporary, socketName))) ? temporary : undefined;
}

/**
 * Removes what a PostgreSQL that is gone left of its socket.
 *
 * @param file its postmaster.pid if there is one
 */
export async function removeSocketOf(
  cluster: string,
  file?: { readonly cluster: string; readonly socketFolder: string | undefined },
): Promise<void> {
  await removeSocket(cluster);
  const temporary = file === undefined ? undefined : await temporaryFolderOf(cluster, file);
  if (temporary !== undefined) await removeSocket(temporary);
}

/** Answers the temporary folder that a postmaster.pid names, unless that file was copied from another cluster. */
async function temporaryFolderOf(
  cluster: string,
  file: { readonly cluster: string; readonly socketFolder: string | undefined },
): Promise<string | undefined> {
  if (file.socketFolder === undefined || !isTemporary(file.socketFolder)) return undefined;
  const [named, ours] = await Promise.all([stat(file.cluster).catch(() => undefined), stat(cluster)]);
  return named?.ino === ours.ino && named.dev === ours.dev ? file.socketFolder : undefined;
}

/** Removes a dead socket, and its folder if that was made for it. Never throws. */
export async function removeSocket(folder: string): Promise<void> {
  for (const name of [socketName, `${socketName}.lock`])
    await unlink(join(folder, name)).catch(() => undefined);
  if (isTemporary(folder)) await rmdir(folder).catch(() => undefined);
}

async function madePrivate(folder: string, user: SystemUser): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    return true;
  } catch {
    return false;
  }
}

function isShortEnough(folder: string): boolean {
  return Buffer.byteLength(join(folder, socketName)) <= longestSocketPath;
}

function isTemporary(folder: string): boolean {
  return new RegExp(`^${temporaryPrefix}\\w{6}$`).test(basename(folder));
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
