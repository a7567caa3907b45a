import { chmod, chown, lstat, mkdir, readlink, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { userForNewCluster } from '../../../src/store/embedded/system_user.ts';
import { freshDataFolder, opened, postmastersOf, queried, usedDataFolder } from './data_folder_for_test.ts';
import { holderProcess } from './holder_process.ts';

async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const user = await userForNewCluster();
  if (user === undefined) throw new Error('only root has one');
  return user;
}

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('started as root', () => {
  it('runs as another user', async () => {
    const folder = await usedDataFolder();
    const { connection } = await opened(folder);
    expect(await queried(connection, 'select 1')).toBe(1);
    expect((await stat(join(folder, 'postgres'))).uid).not.toBe(0);
    const [pid] = await postmastersOf(join(folder, 'postgres'));
    expect((await stat(`/proc/${pid}`)).uid).toBe((await stat(join(folder, 'postgres'))).uid);
  });

  it('puts the cluster elsewhere when its user cannot enter the data folder, and begins anew when that is deleted', async () => {
    const folder = await freshDataFolder();
    await chmod(dirname(folder), 0o700);
    const first = await opened(folder);
    expect(await readlink(join(folder, 'postgres'))).toMatch(/^\/var\/lib\/chargeyard\/[0-9a-f]{16}$/);
    await queried(first.connection, 'create table kept as select 42 as answer');
    await first.close();

    const again = await opened(folder);
    expect(await queried(again.connection, 'select answer from kept')).toBe(42);
    await again.close();

    await rm(folder, { recursive: true });
    const fresh = await opened(folder);
    expect(await queried(fresh.connection, `select to_regclass('kept')`)).toBeNull();
  });

  it('removes what a killed first start left elsewhere', async () => {
    const folder = await freshDataFolder();
    await chmod(dirname(folder), 0o700);
    await mkdir(folder);
    const leftover = '/var/lib/chargeyard/00000000deadbeef';
    await mkdir(join(leftover, 'base'), { recursive: true });
    await symlink(leftover, join(folder, 'postgres.new-00000000deadbeef'));
    await opened(folder);
    await expect(lstat(leftover)).rejects.toThrow(/ENOENT/);
  });

  it('opens the data folder of an ordinary user as that user, who can open it again afterwards', async () => {
    const user = await ordinaryUser();
    const folder = await freshDataFolder();
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, user.uid, user.gid);
    const first = holderProcess(folder, 'server', user);
    await first.opened;
    await first.close();

    const asRoot = await opened(folder);
    expect(await queried(asRoot.connection, 'select 1')).toBe(1);
    await asRoot.close();

    const last = holderProcess(folder, 'server', user);
    expect(await queried(await last.opened, 'select 1')).toBe(1);
    await last.close();
  });

  it('leaves a data folder that an ordinary user is refused with a clear sentence', async () => {
    const user = await ordinaryUser();
    const folder = await usedDataFolder();
    const refused = holderProcess(folder, 'server', user);
    await expect(refused.opened).rejects.toThrow(/is not writable for this user/);

    await chmod(folder, 0o777);
    const alsoRefused = holderProcess(folder, 'server', user);
    await expect(alsoRefused.opened).rejects.toThrow(/was used by another user before/);
  });
});
