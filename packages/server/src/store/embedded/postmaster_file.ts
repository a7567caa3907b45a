// postmaster.pid, which PostgreSQL's main process keeps in its cluster while it lives (and leaves there if it is
// killed), and the question whether the process it names is really that one. Its lines: miscadmin.h in PostgreSQL,
// LOCK_FILE_LINE_*.

import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type PostmasterFile = {
  /** 0 while its writer has not written it yet, or died before it could. */
  readonly pid: number;
  readonly cluster: string;
  /** undefined while PostgreSQL has not opened its socket yet. */
  readonly socketFolder: string | undefined;
  readonly isReady: boolean;
};

/** Answers what postmaster.pid says, undefined if there is none. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    },
  );
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return {
    pid: Number.isInteger(pid) && pid > 0 ? pid : 0,
    cluster: lines[1] ?? '',
    socketFolder: lines[4] || undefined,
    isReady: lines[7]?.trim() === 'ready',
  };
}

/**
 * Answers whether that process is PostgreSQL's main process on that cluster. A pid alone proves nothing: after a
 * reboot, or in a container that was started again, the number belongs to somebody else.
 */
export async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  if (pid === 0) return false;
  const ours = await stat(cluster);
  const isOurs = async (path: string): Promise<boolean> => {
    const theirs = await stat(path).catch(() => undefined);
    return theirs !== undefined && theirs.ino === ours.ino && theirs.dev === ours.dev;
  };
  const command = await commandOf(pid);
  if (command === undefined || !/(^|\/)postgres$/.test(command[0] ?? '')) return false;
  // Its working directory is the cluster, whatever the cluster is called by now; but root without CAP_SYS_PTRACE
  // (Docker) may not look at another user's.
  if (await isOurs(`/proc/${pid}/cwd`)) return true;
  const dataArgument = command[command.indexOf('-D') + 1];
  return dataArgument !== undefined && (await isOurs(dataArgument));
}

/** Answers whether a process of that number exists, whoever it is; also a dead one that nobody has collected. */
export function isSomeProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function commandOf(pid: number): Promise<string[] | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text === '' ? undefined : text.split('\0');
  }
  // macOS: ps joins the arguments with spaces; ours are `<path>/postgres -D <cluster> -c …`.
  const { stdout } = await promisify(execFile)('/bin/ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(
    () => ({ stdout: '' }),
  );
  const parts = /^(.*?\/postgres) -D (.*?)(?: -c .*)?$/s.exec(stdout.trim());
  return parts === null ? undefined : [parts[1] ?? '', '-D', parts[2] ?? ''];
}
