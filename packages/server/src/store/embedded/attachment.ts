// One process's hold on the PostgreSQL of a data folder: a connection with the use locks, taken behind the start gate
// from a PostgreSQL that was found or, if none ran, started.

import type { Client } from 'pg';
import { runnableBinaries } from './binaries.ts';
import { createCluster, findCluster, type Cluster } from './cluster.ts';
import { connectedClient, notReadyCodes, superuserConnection } from './connection.ts';
import type { DataFolder } from './data_folder.ts';
import { findPostmaster, startPostmaster, stopPostmaster, wrongPassword } from './postmaster.ts';
import { ensureRoleAndDatabase } from './role_and_database.ts';
import { keptSecrets, type Secrets } from './secrets.ts';
import { behindStartGate } from './start_gate.ts';
import { lockApplicationName, takeUseLocks, wasLastUser, type Purpose } from './use_locks.ts';

export type AttachOptions = {
  readonly folder: DataFolder;
  readonly purpose: Purpose;
  readonly progress: (line: string) => void;
  readonly settings: Readonly<Record<string, string>>;
  /** Where PostgreSQL's socket was, when this is not the first time; others still connect there. */
  readonly formerSocketFolder: string | undefined;
};

export type Attachment = {
  readonly client: Client;
  readonly cluster: Cluster;
  readonly socketFolder: string;
  readonly secrets: Secrets;
};

// PostgreSQL can be shut down by somebody else (a service manager that signals every process) between the moment it
// is found and the moment we are connected.
const attempts = 5;

/** Finds or starts PostgreSQL and takes the locks. @throws {StartError} */
export function attach(options: AttachOptions): Promise<Attachment> {
  const { folder, progress, settings } = options;
  return behindStartGate(folder.startGate, progress, async () => {
    const secrets = await keptSecrets(folder.path);
    const isFlushed = settings['fsync'] !== 'off';
    const cluster =
      (await findCluster(folder)) ?? (await createCluster(folder, secrets, isFlushed, progress));
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attachTo(cluster, secrets, options);
      } catch (error) {
        if (attempt === attempts || !isCutConnection(error)) throw error;
      }
    }
  });
}

/** Gives the locks back and stops PostgreSQL if nobody else has one.. */
export function detach(attachment: Attachment, options: AttachOptions): Promise<void> {
  return behindStartGate(options.folder.startGate, options.progress, () => letGo(attachment));
}

async function attachTo(cluster: Cluster, secrets: Secrets, options: AttachOptions): Promise<Attachment> {
  const { folder, purpose, progress, settings } = options;
  const found = await findPostmaster(cluster.path, secrets, progress);
  const socketFolder =
    found ??
    (await startPostmaster({
      cluster: cluster.path,
      user: cluster.user,
      binaries: await runnableBinaries(cluster.user, folder.path, progress),
      settings,
      formerSocketFolder: options.formerSocketFolder,
      log: folder.log,
      progress,
    }));
  const connection = superuserConnection(socketFolder, secrets);
  let client: Client;
  try {
    client = await connectedClient(connection, lockApplicationName(purpose));
  } catch (error) {
    const isWrongPassword = (error as { code?: unknown }).code === '28P01';
    if (found === undefined && !isCutConnection(error)) await stopPostmaster(cluster.path);
    throw isWrongPassword ? wrongPassword(error) : error;
  }
  const attachment = { client, cluster, socketFolder, secrets };
  try {
    await takeUseLocks(client, purpose, folder.path);
    await ensureRoleAndDatabase(client, secrets.role, found === undefined);
    return attachment;
  } catch (error) {
    await letGo(attachment);
    throw error;
  }
}

async function letGo(attachment: Attachment): Promise<void> {
  const { client, cluster } = attachment;
  const isLast = await wasLastUser(client).catch(() => isUnused(attachment));
  if (isLast) await stopPostmaster(cluster.path);
  await client.end().catch(() => undefined);
}

/** Asks on a new connection, where the old one was cut. Without any, PostgreSQL is gone, and there is nothing to stop. */
async function isUnused({ socketFolder, secrets }: Attachment): Promise<boolean> {
  const client = await connectedClient(
    superuserConnection(socketFolder, secrets),
    'chargeyard leaving',
  ).catch(() => undefined);
  if (client === undefined) return false;
  const isLast = await wasLastUser(client).catch(() => false);
  // The lock must be held until PostgreSQL is stopped; the connection ends with it.
  if (!isLast) await client.end().catch(() => undefined);
  return isLast;
}

function isCutConnection(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (notReadyCodes.includes(code) || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ENOENT')
    return true;
  return typeof message === 'string' && message.startsWith('Connection terminated');
}
