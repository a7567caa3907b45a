import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  exists,
  freshDataFolder,
  opened,
  postmasterPid,
  postmastersOf,
  queried,
  until,
  usedDataFolder,
} from './data_folder_for_test.ts';
import { holderProcess } from './holder_process.ts';

describe('after kill -9', () => {
  it('of the server, the next one takes over the PostgreSQL that stayed', async () => {
    const folder = await usedDataFolder();
    const server = holderProcess(folder, 'server');
    await queried(await server.opened, 'create table kept as select 42 as answer');
    const before = await postmasterPid(join(folder, 'postgres'));
    await server.kill();

    const next = await opened(folder);
    expect(await queried(next.superuserConnection, 'select answer from kept')).toBe(42);
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([before]);
    await next.close();
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);
  });

  it('of PostgreSQL and the server, the next start recovers what was committed', async () => {
    const folder = await usedDataFolder();
    const server = holderProcess(folder, 'server');
    await queried(await server.opened, 'create table kept as select 42 as answer');
    const cluster = join(folder, 'postgres');
    const before = await postmasterPid(cluster);
    await server.kill();
    process.kill(before, 'SIGKILL');

    const next = await opened(folder);
    expect(await queried(next.superuserConnection, 'select answer from kept')).toBe(42);
    expect(await postmasterPid(cluster)).not.toBe(before);
  });

  it('of PostgreSQL while a statement runs, the next start waits until that one has ended', async () => {
    const folder = await usedDataFolder();
    const server = holderProcess(folder, 'server');
    const connection = await server.opened;
    const cluster = join(folder, 'postgres');
    // Calculates without ever looking whether its postmaster lives.
    const busy = queried(
      connection,
      `do $$ begin
         while clock_timestamp() < statement_timestamp() + interval '1.5 seconds' loop end loop;
       end $$`,
    ).catch(() => undefined);
    await until('the statement runs', async () => {
      const running = `select count(*)::int from pg_stat_activity where query like 'do $$%' and state = 'active'`;
      return (await queried(connection, running)) === 1;
    });
    await server.kill();
    process.kill(await postmasterPid(cluster), 'SIGKILL');

    const next = await opened(folder);
    expect(await queried(next.connection, 'select 1')).toBe(1);
    await busy;
  });

  const firstStart: [string, (folder: string) => Promise<boolean>][] = [
    ['has the first password', (folder) => exists(join(folder, 'postgres_superuser_password'))],
    ['has begun with the cluster', async (folder) => (await unfinishedIn(folder)) !== undefined],
    [
      'is in the middle of the cluster',
      async (folder) => exists(join(folder, (await unfinishedIn(folder)) ?? 'none', 'global/pg_control')),
    ],
    ['has the cluster', (folder) => exists(join(folder, 'postgres'))],
    ['has started PostgreSQL', (folder) => exists(join(folder, 'postgres/postmaster.pid'))],
    ['has a socket', (folder) => exists(join(folder, 'postgres/.s.PGSQL.5432'))],
  ];
  it.each(firstStart)('of a first start that %s, the next start is as good as new', async (_, reached) => {
    const folder = await freshDataFolder();
    const killed = holderProcess(folder, 'server');
    await until('the first start is that far', () => reached(folder));
    await killed.kill();

    const next = await opened(folder);
    expect(await queried(next.connection, 'select 1')).toBe(1);
    expect(await postmastersOf(join(folder, 'postgres'))).toHaveLength(1);
    expect(await unfinishedIn(folder)).toBeUndefined();
  });
});

describe('a postmaster.pid', () => {
  it('whose number belongs to another process of the same user by now does not hinder', async () => {
    const folder = await usedDataFolder();
    const cluster = join(folder, 'postgres');
    await crashed(folder);
    const owner = await stat(cluster);
    const stranger = spawn('sleep', ['600'], { cwd: '/', uid: owner.uid, gid: owner.gid });
    onTestFinished(() => void stranger.kill());
    await once(stranger, 'spawn');
    await replacePid(cluster, stranger.pid ?? 0);

    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it.each([
    ['the first process of the system', 1],
    ['this very process', process.pid],
  ])('that names %s does not hinder', async (_, pid) => {
    const folder = await usedDataFolder();
    await crashed(folder);
    await replacePid(join(folder, 'postgres'), pid);
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('that was cut short does not hinder', async () => {
    const folder = await usedDataFolder();
    await crashed(folder);
    await writeFile(join(folder, 'postgres/postmaster.pid'), '');
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('in a copy of a running data folder does not lead to the original', async () => {
    const original = await usedDataFolder();
    const first = await opened(original);
    const copy = await freshDataFolder();
    await cp(original, copy, {
      recursive: true,
      // Node copies no sockets.
      filter: async (path) => !(await stat(path)).isSocket(),
    });
    const second = await opened(copy);
    expect(await queried(second.superuserConnection, 'show data_directory')).toBe(join(copy, 'postgres'));
    expect(await queried(first.superuserConnection, 'show data_directory')).toBe(join(original, 'postgres'));
  });
});

async function unfinishedIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  return names.find((name) => name.startsWith('postgres.new-'));
}

/** Leaves the folder as a power failure does. */
async function crashed(folder: string): Promise<void> {
  const server = holderProcess(folder, 'server');
  await server.opened;
  await server.kill();
  const cluster = join(folder, 'postgres');
  process.kill(await postmasterPid(cluster), 'SIGKILL');
  await until('PostgreSQL is dead', async () => (await postmastersOf(cluster)).length === 0);
}

/** Puts another number wherever the dead PostgreSQL left its own. */
async function replacePid(cluster: string, pid: number): Promise<void> {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    const text = await readFile(join(cluster, name), 'utf8');
    await writeFile(join(cluster, name), text.replace(/^\d+/, String(pid)));
  }
}
