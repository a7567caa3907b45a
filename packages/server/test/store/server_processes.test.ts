// The server's processes that share a database: which of them run, and the connections that they hold.

import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HeldConnection } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: 'silent' });
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 2 });
});
beforeEach(async () => {
  await database.look('delete from server_processes');
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function aConnection(node: string): Promise<HeldConnection> {
  const { id: tenantId } = await aTenant(store);
  const { id: chargingStationId } = await aChargingStation(store, tenantId);
  const connection = { tenantId, chargingStationId, connectionId: newId(), openedAt: at(0) };
  await opened(connection, node);
  return connection;
}

const opened = (connection: HeldConnection, node: string) =>
  store.stationFacts.record({
    ...connection,
    kind: 'connection_opened',
    at: connection.openedAt,
    node,
    ocppVersion: '1.6',
  });

async function isOpen({ chargingStationId, connectionId }: HeldConnection): Promise<boolean> {
  const [row] = await database.look<{ connection_id: string | null; closed_at: Date | null }>(
    'select connection_id, closed_at from station_connections where charging_station_id = $1',
    [chargingStationId],
  );
  expect(row?.closed_at).toEqual(row?.connection_id === null ? at(9) : null);
  return row?.connection_id === connectionId;
}

const silence = (name: string, seconds: number) =>
  database.look('update server_processes set seen_at = now() - make_interval(secs => $2) where name = $1', [
    name,
    seconds,
  ]);
const known = async () =>
  (await database.look<{ name: string }>('select name from server_processes order by 1')).map(
    ({ name }) => name,
  );

it('tells a process for how long it was silent, or that it was not known', async () => {
  expect(await store.serverProcesses.beat('one/1')).toEqual({ isKnown: false, silentForMs: 0 });
  await silence('one/1', 30);
  const { isKnown, silentForMs } = await store.serverProcesses.beat('one/1');
  expect(isKnown).toBe(true);
  expect(silentForMs).toBeGreaterThanOrEqual(30_000);
});

it('closes what a process left open, and nobody else’s', async () => {
  const [left, other] = [await aConnection('one/1'), await aConnection('one/10')];
  await store.serverProcesses.beat('one/1');
  await store.serverProcesses.forget('one/1', at(9));
  expect([await isOpen(left), await isOpen(other), await known()]).toEqual([false, true, []]);
});

it('closes what all processes of a server left open, however many there were, and processes that nobody knows', async () => {
  const names = ['one/1', 'one/7', 'one-b/1'];
  const connections = await Promise.all(names.map(aConnection));
  for (const name of names) await store.serverProcesses.beat(name);
  const unknown = await aConnection('host of a version before');
  await store.serverProcesses.forgetAllOf('one', at(9));
  expect(await Promise.all([...connections, unknown].map(isOpen))).toEqual([false, false, true, false]);
  expect(await known()).toEqual(['one-b/1']);
});

it('takes a process for lost that was silent for more than twenty seconds', async () => {
  const [silent, late] = [await aConnection('one/1'), await aConnection('two/1')];
  await store.serverProcesses.beat('one/1');
  await store.serverProcesses.beat('two/1');
  expect(await store.serverProcesses.forgetLost(at(9))).toEqual([]);
  await silence('one/1', 21);
  await silence('two/1', 15);
  expect(await store.serverProcesses.forgetLost(at(9))).toEqual(['one/1']);
  expect([await isOpen(silent), await isOpen(late), await known()]).toEqual([false, true, ['two/1']]);
});

it('gives a process that was taken for lost its connections back, but for stations that were elsewhere since', async () => {
  const [kept, moved, deleted] = [
    await aConnection('a/1'),
    await aConnection('a/1'),
    await aConnection('a/1'),
  ];
  await store.serverProcesses.forget('a/1', at(9));
  const elsewhere = { ...moved, connectionId: newId(), openedAt: at(5) };
  await opened(elsewhere, 'b/1');
  await store.serverProcesses.forget('b/1', at(9));
  const visibility = { tenantId: deleted.tenantId, company: undefined };
  await store.chargingStations.delete(visibility, deleted.chargingStationId, undefined);
  expect(await store.serverProcesses.hold('a/1', [kept, moved, deleted])).toEqual(
    new Set([kept.connectionId]),
  );
  expect([await isOpen(kept), await isOpen(moved), await isOpen(elsewhere)]).toEqual([true, false, false]);
});
