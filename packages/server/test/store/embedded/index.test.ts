import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StartError } from '../../../src/store/embedded/index.ts';
import {
  exists,
  freshDataFolder,
  opened,
  postmastersOf,
  queried,
  usedDataFolder,
} from './data_folder_for_test.ts';

const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  it('keeps its data over a restart, and stops when it is closed', async () => {
    const folder = await freshDataFolder();
    const lines: string[] = [];
    const first = await opened(folder, 'server', (line) => lines.push(line));
    expect(lines).toEqual([expect.stringMatching(/first start/)]);
    await queried(first.connection, 'create table kept as select 42 as answer');
    await first.close();
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);

    const second = await opened(folder, 'server', (line) => lines.push(line));
    expect(await queried(second.connection, 'select answer from kept')).toBe(42);
    expect(lines).toHaveLength(1);
  });

  it('gives a role that is no superuser and owns its database', async () => {
    const { connection, superuserConnection } = await opened(await usedDataFolder());
    const isSuper = 'select rolsuper from pg_roles where rolname = current_user';
    expect(await queried(connection, isSuper)).toBe(false);
    expect(await queried(superuserConnection, isSuper)).toBe(true);
    const owner = 'select datdba::regrole::text from pg_database where datname = current_database()';
    expect(await queried(connection, owner)).toBe('chargeyard');
  });

  it('listens on no TCP port, sorts by code point and lives in UTC', async () => {
    const { connection } = await opened(await usedDataFolder());
    expect(await queried(connection, 'show listen_addresses')).toBe('');
    expect(await queried(connection, "select 'Z' < 'a'")).toBe(true);
    expect(await queried(connection, "select upper('ü')")).toBe('Ü');
    expect(await queried(connection, 'show timezone')).toBe('UTC');
  });

  it('refuses a wrong password', async () => {
    const { connection } = await opened(await usedDataFolder());
    await expect(queried({ ...connection, password: 'guess' }, 'select 1')).rejects.toThrow(/password/);
  });

  it('lets nobody else read its passwords', async () => {
    const folder = await freshDataFolder();
    await opened(folder);
    for (const name of ['postgres_password', 'postgres_superuser_password', 'postgres.log', 'start.lock']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  it('works in a folder with spaces, quotes and commas in its name', async () => {
    const { connection } = await opened(await freshDataFolder(`it's "my", data \\ folder ü`));
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('puts the socket elsewhere when the path is too long for one, and leaves nothing there', async () => {
    const folder = await usedDataFolder('long'.repeat(40));
    const postgres = await opened(folder);
    expect(await queried(postgres.connection, 'select 1')).toBe(1);
    expect(postgres.connection.host.startsWith(folder)).toBe(false);
    const verb = await opened(folder, 'verb');
    expect(verb.connection.host).toBe(postgres.connection.host);
    await verb.close();
    await postgres.close();
    expect(await exists(postgres.connection.host)).toBe(false);
  });

  it('sets a lost password of the role again', async () => {
    const folder = await usedDataFolder();
    await rm(join(folder, 'postgres_password'));
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('makes the role and the database where an interrupted first start has not', async () => {
    const folder = await usedDataFolder();
    const first = await opened(folder);
    await queried(first.superuserConnection, 'drop database chargeyard');
    await first.close();
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('uses an empty folder "postgres" that somebody made in advance', async () => {
    const folder = await freshDataFolder();
    await mkdir(join(folder, 'postgres'), { recursive: true });
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('accepts a cluster that a copy has opened for other users', async () => {
    const folder = await usedDataFolder();
    await chmod(join(folder, 'postgres'), 0o755);
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
  });
});

describe('a clear sentence', () => {
  it('for a cluster of another major version', async () => {
    const folder = await freshDataFolder();
    await mkdir(join(folder, 'postgres'), { recursive: true });
    await writeFile(join(folder, 'postgres/PG_VERSION'), '17\n');
    await expect(opened(folder)).rejects.toThrow(
      /PostgreSQL 17, and this release brings PostgreSQL 18: dump it/,
    );
  });

  it('for a folder "postgres" that is no cluster', async () => {
    const folder = await freshDataFolder();
    await mkdir(join(folder, 'postgres'), { recursive: true });
    await writeFile(join(folder, 'postgres/holiday.jpg'), '');
    await expect(opened(folder)).rejects.toThrow(/is not a PostgreSQL cluster/);
  });

  it('for a data folder that is a file', async () => {
    const folder = await freshDataFolder();
    await writeFile(folder, '');
    await expect(opened(folder)).rejects.toThrow(StartError);
    await expect(opened(join(folder, 'deeper'))).rejects.toThrow(/is not a folder/);
  });

  it.skipIf(isRoot)('for a data folder that is not writable', async () => {
    const folder = await freshDataFolder();
    await mkdir(folder, { mode: 0o500 });
    await expect(opened(folder)).rejects.toThrow(/is not writable for this user/);
  });

  it('with the reason from its log when PostgreSQL does not start', async () => {
    const folder = await usedDataFolder();
    await appendFile(join(folder, 'postgres/postgresql.conf'), "\nshared_buffers = 'much'\n");
    await expect(opened(folder)).rejects.toThrow(
      /PostgreSQL did not start: .*postgresql\.conf.* contains errors \(its log: .*postgres\.log\)/,
    );
  });

  it('when the superuser password is not that of the cluster, and no PostgreSQL stays behind', async () => {
    const folder = await usedDataFolder();
    await rm(join(folder, 'postgres_superuser_password'));
    await expect(opened(folder)).rejects.toThrow(/does not accept the password in the file/);
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);
  });

  it('for a link to a cluster that is gone', async () => {
    const folder = await usedDataFolder();
    await rename(join(folder, 'postgres'), join(dirname(folder), 'moved'));
    await symlink(join(dirname(folder), 'nowhere'), join(folder, 'postgres'));
    await expect(opened(folder)).rejects.toThrow(/which does not exist any more/);
  });
});

describe('its log', () => {
  it('is set aside when it has grown long', async () => {
    const folder = await usedDataFolder();
    await appendFile(join(folder, 'postgres.log'), Buffer.alloc(17 * 1024 * 1024, 'x'));
    await opened(folder);
    expect((await readFile(join(folder, 'postgres.log'))).length).toBeLessThan(100_000);
    expect(await readdir(folder)).toContain('postgres.log.1');
  });
});
