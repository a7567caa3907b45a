// Data folders of tests, and what goes on in them. All are removed after the test, with their PostgreSQL.

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, vi } from 'vitest';
import {
  openEmbeddedPostgres,
  type DatabaseConnection,
  type EmbeddedPostgres,
} from '../../../src/store/embedded/index.ts';

// initdb and kill -9 on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const parents: string[] = [];
const clusters = new Set<string>();
const open: EmbeddedPostgres[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((postgres) => postgres.close()));
  for (const cluster of clusters) {
    for (const pid of await postmastersOf(cluster)) process.kill(pid, 'SIGKILL');
    await until('no postmaster is left', async () => (await postmastersOf(cluster)).length === 0);
    // Those elsewhere; the others go with their parent.
    if (!isInParent(cluster)) await rm(cluster, { recursive: true, force: true, maxRetries: 5 });
  }
  clusters.clear();
  for (const parent of parents.splice(0)) await rm(parent, { recursive: true, force: true, maxRetries: 5 });
});

/** Makes a folder that everybody may enter, and answers a path in it where nothing is yet. */
export async function freshDataFolder(name = 'data'): Promise<string> {
  // Not os.tmpdir(): a long TMPDIR would move all sockets.
  const parent = await mkdtemp('/tmp/embedded-postgres-test-');
  await chmod(parent, 0o755);
  parents.push(parent);
  const folder = join(parent, name);
  clusters.add(join(folder, 'postgres'));
  return folder;
}

function isInParent(cluster: string): boolean {
  return parents.some((parent) => cluster.startsWith(parent));
}

let template: Promise<string> | undefined;

/** As `freshDataFolder`, but with a cluster in it that was closed in order: a copy, because a first start is slow. */
export async function usedDataFolder(name = 'data'): Promise<string> {
  template ??= newTemplate();
  const folder = await freshDataFolder(name);
  await promisify(execFile)('cp', ['-a', await template, folder]);
  return folder;
}

async function newTemplate(): Promise<string> {
  const parent = await mkdtemp('/tmp/embedded-postgres-test-');
  await chmod(parent, 0o755);
  const folder = join(parent, 'data');
  const settings = { fsync: 'off' };
  const postgres = await openEmbeddedPostgres({
    dataFolder: folder,
    purpose: 'verb',
    progress: () => undefined,
    settings,
  });
  await postgres.close();
  return folder;
}

afterAll(async () => {
  if (template !== undefined) await rm(dirname(await template), { recursive: true, force: true });
});

/** Opens it in this process, with fsync off; closed after the test unless the test does it. */
export async function opened(
  dataFolder: string,
  purpose: 'server' | 'verb' = 'server',
  progress: (line: string) => void = () => undefined,
): Promise<EmbeddedPostgres> {
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose, progress, settings: { fsync: 'off' } });
  open.push(postgres);
  const real = await readlink(join(dataFolder, 'postgres')).catch(() => undefined);
  if (real !== undefined) clusters.add(real);
  return postgres;
}

/** Runs one statement on a connection of its own and answers the first column of its first row. */
export async function queried(connection: DatabaseConnection, sql: string): Promise<unknown> {
  const client = new Client(connection);
  // Tests kill PostgreSQL under it; the statement's own error says so too.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

/** Answers the pids of all main processes of PostgreSQL on a cluster. */
export async function postmastersOf(cluster: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,ppid=,stat=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const found = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state] = /^\s*(\d+)\s+(\d+) (\S+)/.exec(line) ?? [];
    const isFound = line.includes(`/postgres -D ${cluster} -c `) && state?.startsWith('Z') === false;
    return isFound ? [{ pid: Number(pid), parent: Number(parent) }] : [];
  });
  // For a moment after its fork a backend still has its parent's command line.
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent)).map(({ pid }) => pid);
}

/** Answers the pid in postmaster.pid. */
export async function postmasterPid(cluster: string): Promise<number> {
  return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Waits until the condition holds; fails after 20 seconds. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > 20_000) throw new Error(`Not within 20 s: ${what}`);
    await delay(5);
  }
}
