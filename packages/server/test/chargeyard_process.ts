// The command `chargeyard` as its users run it: a process of its own, on a data folder of its own.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../bin/chargeyard.js', import.meta.url));

export type ChargeyardProcess = {
  readonly child: ChildProcess;
  /** All that was printed so far. */
  readonly output: () => { stdout: string; stderr: string };
  /** Waits until standard output matches; fails when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same of standard error, where the log is. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for the end; null when it was killed. */
  readonly exitCode: Promise<number | null>;
};

/**
 * Starts a command. The environment holds nothing of Chargeyard's but what is given.
 *
 * @param input what standard input has; undefined: nothing; null: what the test writes to it
 */
export function chargeyard(
  args: readonly string[],
  environment: Record<string, string>,
  input?: string | Buffer | null,
): ChargeyardProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(CHARGEYARD_|DATABASE_URL$)/.test(name),
  );
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that ends without reading all of it is no fault of the test.
  child.stdin.on('error', () => undefined);
  if (input !== null) child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  const matched = async (stream: Readable, text: () => string, pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(text());
      if (match !== null) return match;
      const ended = await Promise.race([once(stream, 'data').then(() => false), exitCode.then(() => true)]);
      if (ended && !pattern.test(text()))
        throw new Error(`ended without ${pattern.source}:\n${stdout}\n${stderr}`);
    }
  };
  return {
    child,
    output: () => ({ stdout, stderr }),
    exitCode,
    printed: (pattern) => matched(child.stdout, () => stdout, pattern),
    logged: (pattern) => matched(child.stderr, () => stderr, pattern),
  };
}

/** Answers the process ids of a server's workers, also of those that ended, as its log tells them; of all, or of one. */
export function workerPids(server: ChargeyardProcess, worker = '[^"]+'): number[] {
  const serves = new RegExp(`"worker":"${worker}","pid":(\\d+),"msg":"a worker serves"`, 'g');
  return [...server.output().stderr.matchAll(serves)].map(([, pid]) => Number(pid));
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  environment: Record<string, string>,
  input?: string | Buffer,
) {
  const process = chargeyard(args, environment, input);
  const code = await process.exitCode;
  return { code, ...process.output() };
}

export type Installation = { readonly environment: Record<string, string>; remove(): Promise<void> };

/** An empty data folder and a free port. Removing it ends whatever PostgreSQL was left there. */
export async function anInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'chargeyard-installation-'));
  await chmod(folder, 0o711);
  const data = join(folder, 'data');
  return {
    environment: { CHARGEYARD_DATA: data, CHARGEYARD_PORT: String(await freePort()) },
    async remove() {
      const postmaster = await readFile(join(data, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
      const pid = Number(postmaster.split('\n')[0]);
      if (pid > 1) process.kill(pid, 'SIGQUIT');
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
