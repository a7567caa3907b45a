// PostgreSQL's log, one file in the data folder, and the line in it that says why PostgreSQL did not start.

import { open, rename, stat, type FileHandle } from 'node:fs/promises';

const longestLogBytes = 16 * 1024 * 1024;

/**
 * Opens the log for a PostgreSQL that is about to start. A long one is set aside first (as <log>.1, the one before
 * is dropped): this is the only moment at which nobody writes to it.
 *
 * @returns with the offset in bytes at which the new lines begin
 */
export async function openLog(path: string): Promise<{ file: FileHandle; offset: number }> {
  const bytes = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (bytes > longestLogBytes) await rename(path, `${path}.1`);
  const file = await open(path, 'a', 0o600);
  return { file, offset: (await file.stat()).size };
}

/**
 * Answers the line that says why PostgreSQL ended, without its date and pid: the last fatal one of its main process, else
 * of another, else the last one (the system's loader writes such), '' if there is none.
 *
 * @param pid of the main process: a killed predecessor's processes may still write into the same file
 */
export async function reasonInLog(path: string, offset: number, pid: number | undefined): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const text = Buffer.alloc(Math.max(0, size - offset));
    await file.read(text, 0, text.length, offset);
    return reasonIn(text.toString(), pid);
  } finally {
    await file.close();
  }
}

/** As `reasonInLog`, of a text. initdb's own errors begin with "initdb: error:". */
export function reasonIn(text: string, pid?: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.filter(
    (line) =>
      /(FATAL|PANIC|error):/.test(line) && !/the database system is|unexpected postmaster exit/.test(line),
  );
  const ofMainProcess = fatal.filter((line) => line.includes(`[${pid}]`));
  const isFull = /No space left on device|Check free disk space/.test(text);
  // After a full disk everything fails: the first line is the reason then.
  const line = (isFull ? fatal[0] : (ofMainProcess.at(-1) ?? fatal.at(-1))) ?? lines.at(-1) ?? '';
  const reason = line.replace(/^.*?(FATAL|PANIC|initdb: error|error):\s*/, '').trim();
  return isFull ? `the disk is full: ${reason}` : reason;
}
