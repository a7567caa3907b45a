import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  freshDataFolder,
  opened,
  postmasterPid,
  postmastersOf,
  queried,
  until,
  usedDataFolder,
} from './data_folder_for_test.ts';
import { holderProcess } from './holder_process.ts';

describe('one PostgreSQL for several processes', () => {
  it('refuses a second server and names the first', async () => {
    const folder = await usedDataFolder();
    const server = holderProcess(folder, 'server');
    const connection = await server.opened;
    await expect(opened(folder)).rejects.toThrow(
      new RegExp(`Another Chargeyard server \\(process ${server.pid}\\) uses the data folder`),
    );
    expect(await queried(connection, 'select 1')).toBe(1);
  });

  it('gives the server place to the next one when it is closed', async () => {
    const folder = await usedDataFolder();
    await (await opened(folder)).close();
    await expect(opened(folder)).resolves.toBeDefined();
  });

  it('lets verbs in while a server runs, and keeps running when they leave', async () => {
    const folder = await usedDataFolder();
    const server = await opened(folder);
    const verbs = [holderProcess(folder, 'verb'), holderProcess(folder, 'verb')];
    const connections = await Promise.all(verbs.map((verb) => verb.opened));
    for (const connection of connections) expect(await queried(connection, 'select 1')).toBe(1);
    await Promise.all(verbs.map((verb) => verb.close()));
    expect(await queried(server.connection, 'select 1')).toBe(1);
    expect(await postmastersOf(join(folder, 'postgres'))).toHaveLength(1);
  });

  it('stays for a verb that outlives the server, and stops with the verb', async () => {
    const folder = await usedDataFolder();
    const server = holderProcess(folder, 'server');
    await server.opened;
    const verb = await opened(folder, 'verb');
    await server.close();
    expect(await queried(verb.connection, 'select 1')).toBe(1);
    await verb.close();
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);
  });

  it('stops with its last user also when that one’s connection was cut', async () => {
    const folder = await usedDataFolder();
    const verb = await opened(folder, 'verb');
    await queried(
      verb.superuserConnection,
      "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'chargeyard verb%'",
    );
    await verb.close();
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);
  });

  it('stays for a server that came while a verb had started it', async () => {
    const folder = await usedDataFolder();
    const verb = holderProcess(folder, 'verb');
    await verb.opened;
    const server = await opened(folder);
    await verb.close();
    expect(await queried(server.connection, 'select 1')).toBe(1);
  });

  it('is prepared once when several start at once on an empty folder', async () => {
    const folder = await freshDataFolder();
    const holders = (['verb', 'server', 'verb'] as const).map((purpose) => holderProcess(folder, purpose));
    const connections = await Promise.all(holders.map((holder) => holder.opened));
    for (const connection of connections) expect(await queried(connection, 'select 1')).toBe(1);
    expect(await postmastersOf(join(folder, 'postgres'))).toHaveLength(1);
    await Promise.all(holders.map((holder) => holder.close()));
    expect(await postmastersOf(join(folder, 'postgres'))).toEqual([]);
  });

  it('serves newcomers that arrive while the last user stops it', async () => {
    const folder = await usedDataFolder();
    let last = await opened(folder, 'verb');
    for (let round = 0; round < 5; round += 1) {
      const closing = last.close();
      const next = opened(folder, 'verb');
      await closing;
      last = await next;
      expect(await queried(last.connection, 'select 1')).toBe(1);
    }
  });

  it('takes its place again when PostgreSQL ends all sessions, so that a second server is still refused', async () => {
    const folder = await usedDataFolder();
    const lines: string[] = [];
    const server = await opened(folder, 'server', (line) => lines.push(line));
    await queried(
      server.superuserConnection,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'chargeyard server %'`,
    );
    await until('the server is there again', async () => lines.includes('PostgreSQL is there again.'));
    const second = holderProcess(folder, 'server');
    await expect(second.opened).rejects.toThrow(/Another Chargeyard server/);
  });

  it('is started again under a running server when PostgreSQL was killed', async () => {
    const folder = await usedDataFolder('long'.repeat(40));
    const lines: string[] = [];
    const server = await opened(folder, 'server', (line) => lines.push(line));
    process.kill(await postmasterPid(join(folder, 'postgres')), 'SIGKILL');
    await until('the server is there again', async () => lines.includes('PostgreSQL is there again.'));
    expect(await queried(server.connection, 'select 1')).toBe(1);
  });
});
