// What processes tell each other, with two of them on one database.

import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openBus, telling } from '../../src/store/bus.ts';
import type { Bus } from '../../src/store/bus.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

const log = pino({ level: 'silent' });
const heard: Record<string, (string | undefined)[]> = { first: [], second: [] };
let database: TestDatabase;
let session: Database;
let buses: Bus[];

const tell = (to: string | undefined, message: string) =>
  session.transaction([], [telling(to, 'letters', message)]);
const of = (node: string) => heard[node]?.filter((message) => message !== undefined) ?? [];

beforeAll(async () => {
  database = await testDatabase();
  session = openDatabase({ connection: database.connection, log, maxConnections: 2 });
  buses = ['first', 'second'].map((node) => {
    const bus = openBus({ connection: database.connection, node, log });
    bus.listen('letters', (message) => heard[node]?.push(message));
    return bus;
  });
  await vi.waitUntil(() => heard['first']?.length === 1 && heard['second']?.length === 1);
});
afterAll(async () => {
  for (const bus of buses) await bus.close();
  await session.close();
  await database.drop();
});

it('tells who joins that it may have missed something', () => {
  expect(heard).toEqual({ first: [undefined], second: [undefined] });
});

it('tells one process, or all', async () => {
  await tell('second', 'for one');
  await tell(undefined, 'for all');
  await tell('a process that is not there', 'for nobody');
  await tell('first', 'last');
  await vi.waitFor(() => expect(of('first')).toEqual(['for all', 'last']));
  await vi.waitFor(() => expect(of('second')).toEqual(['for one', 'for all']));
});

it('tells nothing of a transaction that failed', async () => {
  await expect(
    session.transaction([], [telling('first', 'letters', 'lost'), { text: 'select 1 / 0', values: [] }]),
  ).rejects.toThrow('division by zero');
  await tell('first', 'kept');
  await vi.waitFor(() => expect(of('first')).toContain('kept'));
  expect(of('first')).not.toContain('lost');
});

it('joins again when its connection is cut, and tells that something may have been missed', async () => {
  heard['first'] = [];
  await database.look(`select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and application_name = 'chargeyard-bus'`);
  await vi.waitFor(() => expect(heard['first']).toEqual([undefined]), { timeout: 5_000 });
  await tell('first', 'again');
  await vi.waitFor(() => expect(heard['first']).toEqual([undefined, 'again']));
});
