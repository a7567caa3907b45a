// How commands find their end, with two processes on one database whose stations do as the test tells. With real stations
// they are in test/flows/.

import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRemoteCommands } from '../../src/commands/index.ts';
import type { RemoteCommands } from '../../src/commands/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { CommandOrder, CommandOutcome, RemoteCommand } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Bus, Store } from '../../src/store/index.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

type Node = {
  readonly name: string;
  readonly bus: Bus;
  readonly commands: RemoteCommands;
  /** By station, the connection that this process has. */
  readonly connections: Map<string, string>;
  /** What was written to a station. */
  readonly sent: RemoteCommand[];
  answer: (command: RemoteCommand) => Promise<CommandOutcome>;
};

const accepted: CommandOutcome = { kind: 'answered', result: 'Accepted', response: { status: 'Accepted' } };

let database: TestDatabase;
let store: Store;
let tenantId: string;
let station: string;
let here: Node;
let there: Node;

function aNode(name: string): Node {
  const log = pino({ level: 'silent' });
  const bus = store.joinBus(name);
  const connections = new Map<string, string>();
  const sent: RemoteCommand[] = [];
  const commands = createRemoteCommands({
    store,
    bus,
    node: name,
    clock: systemClock,
    log,
    stations: {
      isConnected: (id) => connections.has(id),
      freeConnectionOf: (id) => connections.get(id),
      async execute(command, willSend) {
        const connectionId = connections.get(command.chargingStationId);
        if (connectionId === undefined) return { kind: 'not_connected' };
        if (!(await willSend(connectionId))) return { kind: 'not_sent' };
        sent.push(command);
        return node.answer(command);
      },
    },
  });
  const node: Node = { name, bus, commands, connections, sent, answer: async () => accepted };
  return node;
}

async function connect(node: Node): Promise<void> {
  const connectionId = newId();
  const opened = { tenantId, chargingStationId: station, connectionId, at: new Date() };
  await store.stationFacts.record({
    ...opened,
    kind: 'connection_opened',
    node: node.name,
    ocppVersion: '1.6',
  });
  node.connections.set(station, connectionId);
}

function anOrder(more: Partial<CommandOrder> = {}): CommandOrder {
  return {
    id: newId(),
    tenantId,
    chargingStationId: station,
    command: 'reset',
    parameters: { type: 'Soft' },
    orderedAt: new Date(),
    timeoutSeconds: 30,
    isSynchronous: true,
    callerId: 'client',
    idempotency: undefined,
    ...more,
  };
}

type Row = { state: string; result: string | null; error_code: string | null; sent_by: string | null };
const rowOf = async (id: string) =>
  (
    await database.look<Row>('select state, result, error_code, sent_by from remote_commands where id = $1', [
      id,
    ])
  )[0];

beforeAll(async () => {
  database = await testDatabase();
  store = await openStore({
    connection: database.connection,
    log: pino({ level: 'silent' }),
    newId,
    maxConnections: 5,
  });
  tenantId = (await aTenant(store)).id;
  here = aNode('here');
  there = aNode('there');
});
afterAll(async () => {
  for (const node of [here, there]) {
    await node.commands.close();
    await node.bus.close();
  }
  await store.close();
  await database.drop();
});
beforeEach(async () => {
  station = (await aChargingStation(store, tenantId)).id;
  for (const node of [here, there]) {
    node.sent.length = 0;
    node.answer = async () => accepted;
  }
});

async function orderAndWait(node: Node, order = anOrder()): Promise<Row | undefined> {
  const ordered = await node.commands.order(order);
  if (ordered.kind !== 'ordered') throw new Error(ordered.kind);
  await ordered.ended;
  return rowOf(ordered.id);
}

it('of many that wait for a station the oldest are read', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 40; count += 1) {
    const order = anOrder({ isSynchronous: false });
    await here.commands.order(order);
    ids.push(order.id);
  }
  const connection = { tenantId, chargingStationId: station, connectionId: newId(), at: new Date() };
  await store.stationFacts.record({
    ...connection,
    kind: 'connection_opened',
    node: 'elsewhere',
    ocppVersion: '1.6',
  });
  const oldest = ids.toSorted().slice(0, 32);
  const left = await store.commandDelivery.sweep('elsewhere', new Date());
  expect(left.map(({ id }) => id)).toEqual(oldest);
  const pending = await store.commandDelivery.pendingOf({ tenantId, chargingStationId: station });
  expect(pending.map(({ id }) => id)).toEqual(oldest);
});

describe('a synchronous command', () => {
  it('is sent to a station that is connected here', async () => {
    await connect(here);
    expect(await orderAndWait(here)).toEqual({
      state: 'finished',
      result: 'Accepted',
      error_code: null,
      sent_by: 'here',
    });
    expect(here.sent).toMatchObject([{ command: 'reset', parameters: { type: 'Soft' } }]);
  });

  it('is sent by the process that has the station', async () => {
    await connect(there);
    expect(await orderAndWait(here)).toMatchObject({ state: 'finished', sent_by: 'there' });
    expect(here.sent).toEqual([]);
  });

  it('ends at once where no process has the station', async () => {
    expect(await orderAndWait(here)).toMatchObject({ state: 'failed', error_code: 'station_not_connected' });
  });

  it('ends where the process that should have the station has not', async () => {
    await connect(there);
    there.connections.clear();
    expect(await orderAndWait(here)).toMatchObject({ state: 'failed', error_code: 'station_not_connected' });
  });

  it('follows its station to another process', async () => {
    await connect(here);
    await connect(there);
    expect(await orderAndWait(here)).toMatchObject({ state: 'finished', sent_by: 'there' });
    expect(here.sent).toEqual([]);
  });

  it.each([
    [
      { kind: 'refused', code: 'NotImplemented', description: 'No.', details: { a: 1 } },
      'failed',
      'NotImplemented',
    ],
    [{ kind: 'unanswered' }, 'timed_out', 'station_timeout'],
    [{ kind: 'connection_lost' }, 'failed', 'station_connection_lost'],
    [{ kind: 'not_supported', detail: 'No.' }, 'failed', 'not_supported_by_version'],
  ] as const)('ends with %o', async (outcome, state, error_code) => {
    await connect(there);
    there.answer = async () => outcome;
    expect(await orderAndWait(here)).toMatchObject({ state, result: null, error_code });
  });

  it('ends at its deadline when the process that sent it is gone', async () => {
    await connect(there);
    const gate = Promise.withResolvers<CommandOutcome>();
    there.answer = () => gate.promise;
    expect(await orderAndWait(here, anOrder({ timeoutSeconds: 1 }))).toMatchObject({
      state: 'timed_out',
      sent_by: 'there',
    });
    expect(there.sent).toHaveLength(1);
    gate.resolve(accepted);
  });
});

describe('an asynchronous command', () => {
  const isSynchronous = false;

  it('waits for its station', async () => {
    const order = anOrder({ isSynchronous });
    expect(await here.commands.order(order)).toMatchObject({ kind: 'ordered', id: order.id });
    expect(await rowOf(order.id)).toMatchObject({ state: 'pending' });
    await connect(there);
    there.commands.stationConnected({ tenantId, chargingStationId: station, connectionId: '' });
    await vi.waitFor(async () => expect(await rowOf(order.id)).toMatchObject({ state: 'finished' }));
  });

  it('ends at its deadline when the station does not come, and is not sent when it comes later', async () => {
    const order = anOrder({ isSynchronous, timeoutSeconds: 1 });
    await here.commands.order(order);
    await vi.waitFor(async () => expect(await rowOf(order.id)).toMatchObject({ state: 'timed_out' }), {
      timeout: 20_000,
    });
    await connect(here);
    here.commands.stationConnected({ tenantId, chargingStationId: station, connectionId: '' });
    expect(await orderAndWait(here)).toMatchObject({ state: 'finished' });
    expect(here.sent).toHaveLength(1);
  });

  it('is found by the process that was not told of it', async () => {
    await connect(there);
    const connectionId = there.connections.get(station) ?? '';
    there.connections.clear();
    const order = anOrder({ isSynchronous });
    await here.commands.order(order);
    await vi.waitFor(() => expect(there.sent).toEqual([]));
    there.connections.set(station, connectionId);
    await vi.waitFor(async () => expect(await rowOf(order.id)).toMatchObject({ state: 'finished' }), {
      timeout: 20_000,
    });
  });
});

describe('a caller', () => {
  it('may have ten synchronous commands under way', async () => {
    await connect(here);
    const gate = Promise.withResolvers<CommandOutcome>();
    here.answer = () => gate.promise;
    const [callerId, isSynchronous] = ['eager', true];
    const orders = await Promise.all(
      Array.from({ length: 13 }, () => here.commands.order(anOrder({ callerId, isSynchronous }))),
    );
    expect(orders.filter(({ kind }) => kind === 'ordered')).toHaveLength(10);
    expect(await there.commands.order(anOrder({ callerId }))).toEqual({ kind: 'too_many' });
    expect(await there.commands.order(anOrder({ callerId, isSynchronous: false }))).toMatchObject({
      kind: 'ordered',
    });
    expect(await there.commands.order(anOrder({ callerId: 'another' }))).toMatchObject({ kind: 'ordered' });
    gate.resolve(accepted);
    await Promise.all(orders.map(async (order) => order.kind === 'ordered' && (await order.ended)));
    expect(await there.commands.order(anOrder({ callerId }))).toMatchObject({ kind: 'ordered' });
  });

  it('gets the same command for the same idempotency key', async () => {
    await connect(here);
    const idempotency = { key: 'once', requestHash: 'a' };
    const orders = await Promise.all([
      here.commands.order(anOrder({ idempotency })),
      here.commands.order(anOrder({ idempotency })),
    ]);
    const [first, second] = orders;
    expect(first).toMatchObject({ kind: 'ordered', id: second.kind === 'ordered' ? second.id : '' });
    const again = await there.commands.order(anOrder({ idempotency }));
    expect(again).toMatchObject({ kind: 'ordered', id: first.kind === 'ordered' ? first.id : '' });
    if (again.kind === 'ordered') await again.ended;
    expect(here.sent.filter(({ chargingStationId }) => chargingStationId === station)).toHaveLength(1);
    const other = anOrder({ idempotency: { key: 'once', requestHash: 'b' } });
    expect(await here.commands.order(other)).toEqual({ kind: 'key_reused' });
    expect(await here.commands.order({ ...other, callerId: 'another' })).toMatchObject({ kind: 'ordered' });
  });

  it('may use an idempotency key again after a day', async () => {
    await connect(here);
    const idempotency = { key: 'daily', requestHash: 'a' };
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    const first = anOrder({ idempotency, orderedAt: yesterday });
    await orderAndWait(here, first);
    const second = anOrder({ idempotency: { key: 'daily', requestHash: 'b' } });
    expect(await here.commands.order(second)).toMatchObject({ id: second.id });
  });
});

it('is forgotten with the days of the communication log', async () => {
  await connect(here);
  const [old, young] = [anOrder(), anOrder()];
  await orderAndWait(here, old);
  await orderAndWait(here, young);
  await database.look(`update remote_commands set finished_at = now() - interval '31 days' where id = $1`, [
    old.id,
  ]);
  await store.forgetCommands(new Date());
  expect([await rowOf(old.id), (await rowOf(young.id))?.state]).toEqual([undefined, 'finished']);
});

it('knows no station that was deleted', async () => {
  expect(await here.commands.order(anOrder({ chargingStationId: newId() }))).toEqual({ kind: 'no_station' });
});
