// One server of a name per database.

import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { takeServerLock } from '../../src/store/index.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
const lock = (server: string) => takeServerLock(database.connection, server, log);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

it('refuses a second server of a name in a sentence, and lets servers of other names in', async () => {
  const [one, two] = [await lock('one'), await lock('two')];
  await expect(lock('one')).rejects.toThrow(
    'Another Chargeyard server named "one" uses this database: stop that one first, or give this one another name with ' +
      'CHARGEYARD_NODE.',
  );
  await one.release();
  const again = await lock('one');
  await again.release();
  await two.release();
});

it('takes the lock again when its connection is cut', async () => {
  const held = await lock('one');
  await database.look(`select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and application_name = 'chargeyard-server'`);
  const isHeld = `select 1 from pg_locks join pg_database d on d.oid = database
                  where locktype = 'advisory' and datname = current_database() and granted`;
  await vi.waitFor(async () => expect(await database.look(isHeld)).toHaveLength(1), { timeout: 10_000 });
  await expect(lock('one')).rejects.toThrow('Another Chargeyard server named "one"');
  await held.release();
});
