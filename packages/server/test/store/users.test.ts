import { describe, expect, it, vi } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { aTenant, aUser } from '../builders.ts';
import { testApp } from '../test_app.ts';

const app = testApp();

describe('the active owners of a tenant', () => {
  it('are told to one change at a time, so that two owners cannot take each other away', async () => {
    const { id: tenantId } = await aTenant(app.store);
    const password = 'correct horse battery';
    const [one, two] = [
      await aUser(app.store, tenantId, { password }),
      await aUser(app.store, tenantId, { password }),
    ];
    // Neither can sign in.
    await aUser(app.store, tenantId);
    await aUser(app.store, tenantId, { isActive: false, password });
    await aUser(app.store, tenantId, { role: 'admin' });
    const { second } = await app.store.inTransaction(async (tables) => {
      expect(await tables.users.lockActiveOwners(tenantId)).toEqual([one.id, two.id]);
      const waiting = app.store.inTransaction((others) => others.users.lockActiveOwners(tenantId));
      await vi.waitUntil(async () => {
        const blocked = await app.database.look(
          `select 1 from pg_locks l join pg_stat_activity a using (pid)
           where not l.granted and a.datname = current_database()`,
        );
        return blocked.length > 0;
      });
      await tables.users.update(wholeTenant(tenantId), {
        id: String(two.id),
        values: { role: 'viewer' },
        ifUpdatedAt: undefined,
        now: new Date(),
      });
      return { second: waiting };
    });
    expect(await second).toEqual([one.id]);
  });
});

describe('a password that was checked', () => {
  it('begins no session and is not replaced once it is another', async () => {
    const { id: tenantId } = await aTenant(app.store);
    const { id: userId } = await aUser(app.store, tenantId, { password: 'correct horse battery' });
    const [row] = await app.database.look<{ hash: string }>(
      'select password_hash as hash from users where tenant_id = $1',
      [tenantId],
    );
    const [from, now] = [row?.hash ?? '', new Date()];
    const { users, sessions } = app.store;
    expect(await users.replacePassword(tenantId, { userId, from, to: 'another', now })).toBe(true);
    expect(await users.replacePassword(tenantId, { userId, from, to: 'a third', now })).toBe(false);
    const session = { tenantId, id: '01a21033-a00e-775b-9a7d-08bda82763c0', userId, tokenHash: 'hash', now };
    expect(await sessions.insert({ ...session, passwordHash: from })).toBe(false);
    expect(await sessions.insert({ ...session, passwordHash: 'another' })).toBe(true);
  });
});
