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
  const pid = (await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0];
  return {
    connection: postgres.connection,
    superuser,
    async cpuSeconds() {
      try {
        const stats = (await readdir('/proc'))
          .filter((name) => /^\d+$/.test(name))
          .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => ''));
        const fields = (await Promise.all(stats)).map((stat) =>
          stat.slice(stat.lastIndexOf(')') + 2).split(' '),
        );
        const own = fields.filter(([, parent]) => parent === pid);
        return own.reduce((sum, field) => sum + (Number(field[11]) + Number(field[12])) / 100, 0);
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
