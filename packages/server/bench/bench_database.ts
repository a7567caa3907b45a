// A PostgreSQL of a bench's own, on the embedded cluster with the settings that the server gives it, in a temporary
// folder that is removed at the end.

import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { migrate, openEmbeddedPostgres } from '../src/store/index.ts';

export type BenchDatabase = {
  readonly connection: ClientConfig;
  /** Runs SQL as the superuser. */
  readonly superuser: Client;
  /** CPU seconds that all processes of PostgreSQL have used so far; undefined where there is no /proc. */
  cpuSeconds(): Promise<number | undefined>;
  close(): Promise<void>;
};

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'chargeyard-bench-'));
  await chmod(folder, 0o711);
  const dataFolder = join(folder, 'data');
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
  await migrate(postgres.connection);
  const superuser = new Client({ ...postgres.superuserConnection, database: postgres.connection.database });
  await superuser.connect();
  const pid = (await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0] ?? '';
  return {
    connection: postgres.connection,
    superuser,
    async cpuSeconds() {
      try {
        const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
        const stats = await Promise.all(names.map(statOf));
        // Of those that have ended, which the postmaster keeps account of, and of those that run.
        const [, , ended, endedInKernel] = ticksIn(await statOf(pid));
        const running = stats.filter(([, parent]) => parent === pid).map(ticksIn);
        return running.reduce((sum, [user, kernel]) => sum + user + kernel, ended + endedInKernel) / 100;
      } catch {
        return undefined;
      }
    },
    async close() {
      await superuser.end();
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What follows the name in /proc/<pid>/stat (proc(5)): state, parent, … */
async function statOf(pid: string): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Its own CPU time, and that of its children that it has waited for, each in user mode and in the kernel. */
function ticksIn(stat: readonly string[]): [number, number, number, number] {
  const [user = 0, kernel = 0, ended = 0, endedInKernel = 0] = stat.slice(11, 15).map(Number);
  return [user, kernel, ended, endedInKernel];
}
