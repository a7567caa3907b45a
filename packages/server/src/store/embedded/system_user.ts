// PostgreSQL refuses to run as root. This file chooses the operating system's user for it when we are root, and runs
// its programs as that user. Started as anybody else, PostgreSQL runs as ourselves.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { StartError } from './start_error.ts';

/** Whom PostgreSQL runs as. undefined: as this process's own user. */
export type SystemUser = { readonly uid: number; readonly gid: number; readonly name: string } | undefined;

/** What a finished program answered. `code` is undefined when a signal ended it. */
export type Finished = { readonly code: number | undefined; readonly output: string };

// Nothing of ours: variables such as PGDATA, PGOPTIONS or TZ would change what PostgreSQL does. LC_ALL keeps its
// messages in English, which the log is searched for, and macOS's PostgreSQL from failing without any locale.
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Answers whether this process is root (never on Windows). */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Answers the user for a new cluster: nobody special unless we are root; then `postgres` where the system has it,
 * else `chargeyard`, which is created, else `nobody`.
 *
 * @throws {StartError} when none of them exists and none can be created
 */
export async function userForNewCluster(): Promise<SystemUser> {
  if (!isRoot()) return undefined;
  const existing = await findUser('postgres', '_postgres', 'chargeyard');
  if (existing !== undefined) return existing;
  // useradd: shadow-utils, everywhere but Alpine; adduser -S: busybox. Whichever exists and works.
  const shell = ['--shell', '/usr/sbin/nologin'];
  await runAs(undefined, 'useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    ...shell,
    'chargeyard',
  ]).catch(() => undefined);
  if ((await findUser('chargeyard')) === undefined) {
    await runAs(undefined, 'adduser', ['-S', '-D', '-H', 'chargeyard']).catch(() => undefined);
  }
  const user = await findUser('chargeyard', 'nobody');
  if (user !== undefined) return user;
  throw new StartError(
    'PostgreSQL does not run as root, and no other user exists or could be created: ' +
      'create a user "postgres", or start Chargeyard as an ordinary user.',
  );
}

/**
 * Answers the user who must run an existing cluster: its owner, because PostgreSQL accepts nobody else. The owner
 * need not be in /etc/passwd (a volume that another container filled).
 */
export async function userForCluster(owner: { uid: number; gid: number }): Promise<SystemUser> {
  if (!isRoot()) return undefined;
  const users = await listUsers();
  return users.find((user) => user.uid === owner.uid) ?? { ...owner, name: `user id ${owner.uid}` };
}

/**
 * Runs a program to its end.
 *
 * @returns also when it failed: look at `code`; `output` is its stdout and stderr together
 * @throws {StartError} when we are root and may not become that user (a container without CAP_SETUID)
 * @throws the operating system's error (ENOENT, EACCES, …) when it could not be started
 */
export async function runAs(user: SystemUser, file: string, args: readonly string[]): Promise<Finished> {
  try {
    return await run(user, file, args);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (user !== undefined && (code === 'EPERM' || code === 'EINVAL')) throw switchRefused(user.name, error);
    throw error;
  }
}

function run(user: SystemUser, file: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...spawnOptions(user), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? undefined, output }));
  });
}

/** The options that make a spawned program run as `user`, in a folder that everybody may enter. */
export function spawnOptions(user: SystemUser): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  const base = { cwd: '/', env: environment };
  return user === undefined ? base : { ...base, uid: user.uid, gid: user.gid };
}

/** Answers whether the user can enter a folder. Tried, not computed: access lists and mounts have a say in it. */
export async function canEnter(user: SystemUser, folder: string): Promise<boolean> {
  const finished = await runAs(user, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder]);
  return finished.code === 0;
}

function switchRefused(name: string, cause: unknown): StartError {
  return new StartError(
    `PostgreSQL does not run as root, and this process may not start it as ${name}: ` +
      `start Chargeyard as an ordinary user.`,
    { cause },
  );
}

async function findUser(...names: string[]): Promise<SystemUser> {
  const users = await listUsers();
  for (const name of names) {
    const user = users.find((candidate) => candidate.name === name);
    if (user !== undefined) return user;
  }
  return undefined;
}

async function listUsers(): Promise<{ uid: number; gid: number; name: string }[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined || !/^\d+$/.test(uid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}
