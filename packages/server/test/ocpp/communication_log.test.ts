// What the communication log is told of connections and of what is said over them.

import { describe, expect, it } from 'vitest';
import { commandedGateway, commandedStation } from './commanded_gateway.ts';
import { aBoot, gate, now, testGateway, testStation } from './test_gateway.ts';

const station = { tenantId: 'tenant-demo', chargingStationId: 'id-open-1', connectionId: 'connection-1' };
const opened = { ...station, kind: 'connection_opened', at: now, ocppVersion: '1.6' };

describe('the communication log', () => {
  it('is told of a connection, its calls with their answers, and its end', async () => {
    const gateway = await testGateway();
    const client = await testStation(gateway);
    await client.call('1', 'BootNotification', aBoot);
    await client.call('2', 'Heartbeat', { wrong: true });
    client.webSocket.close(1000, 'bye');
    await client.closed;
    await gateway.recorded('connection_closed');
    const made = {
      ...station,
      kind: 'call',
      direction: 'from_station',
      at: now,
      latencyMs: 0,
      deviations: [],
    };
    expect(gateway.notes).toEqual([
      opened,
      {
        ...made,
        action: 'BootNotification',
        messageId: '1',
        payload: aBoot,
        answer: { payload: { status: 'Accepted', currentTime: now.toISOString(), interval: 300 } },
      },
      {
        ...made,
        action: 'Heartbeat',
        messageId: '2',
        payload: { wrong: true },
        answer: { payload: { currentTime: now.toISOString() } },
        deviations: ['wrong: not in the specification, left out'],
      },
      { ...station, kind: 'connection_closed', at: now, reason: '1000 bye' },
    ]);
  });

  it('has what was no call with its text, answered or not', async () => {
    const gateway = await testGateway();
    const client = await testStation(gateway);
    client.send('[3,"nobody’s",{}]');
    client.send('[9,"id"]');
    client.send('[2,"id","Heartbeat",{]');
    const [, messageId, code, description] = await client.next();
    expect(gateway.notes).toEqual([
      opened,
      {
        ...station,
        kind: 'ignored_frame',
        at: now,
        text: '[3,"nobody’s",{}]',
        reason: 'an answer that matches no call of ours',
      },
      { ...station, kind: 'ignored_frame', at: now, text: '[9,"id"]', reason: 'unknown message type' },
      {
        ...station,
        kind: 'broken_frame',
        at: now,
        messageId,
        text: '[2,"id","Heartbeat",{]',
        error: { code, description },
      },
    ]);
  });

  it('says why we closed a connection', async () => {
    const gateway = await testGateway();
    const first = await testStation(gateway);
    const second = await testStation(gateway);
    await first.closed;
    gateway.gateway.letGo('id-open-1');
    await second.closed;
    await gateway.recorded('connection_closed', 2);
    const closings = gateway.notes.filter(({ kind }) => kind === 'connection_closed');
    expect(closings).toMatchObject([
      { connectionId: 'connection-1', reason: '1008 replaced by a newer connection of this station' },
      { connectionId: 'connection-2', reason: '1008 the charging station was deleted' },
    ]);
  });

  it.each([
    ['calls', '[2,"id","Heartbeat",{}]'],
    ['frames that are not answered', '[9,"id"]'],
  ])('that is full stops the reading of %s until it has room', async (_what, frame) => {
    const room = gate();
    const gateway = await testGateway({
      note: ({ connectionId, kind }) =>
        connectionId === station.connectionId && !kind.startsWith('connection') ? room.passed : undefined,
    });
    const seen = () =>
      gateway.seen.filter(({ connectionId }) => connectionId === station.connectionId).length;
    const client = await testStation(gateway);
    const another = await testStation(gateway, '/ocpp/demo/open-2');
    // Each takes more than one reading of the socket.
    const sent = 100;
    for (let n = 0; n < sent; n += 1) client.send(frame.padEnd(50_000));
    for (let n = 0; n < sent; n += 1) await another.call(`${n}`, 'Heartbeat', {});
    expect(seen()).toBeGreaterThan(0);
    expect(seen()).toBeLessThan(20);
    room.open();
    await client.call('last', 'Heartbeat', {});
    await gateway.sawStations(sent + sent + 1);
    expect(seen()).toBe(sent + 1);
  });

  it('that has room again lets nobody be read whose calls wait still', async () => {
    const room = gate();
    const held = gate();
    const gateway = await commandedGateway({
      note: (what) => (what.kind === 'call' && what.direction === 'to_station' ? room.passed : undefined),
      record: async (fact) => {
        if (fact.kind === 'booted') await held.passed;
      },
    });
    const client = await commandedStation(gateway);
    const another = await testStation(gateway, '/ocpp/demo/open-2');
    const reset = { command: 'reset', parameters: { type: 'Soft' } };
    client.send(JSON.stringify([2, 'boot', 'BootNotification', aBoot]));
    const sent = 100;
    for (let n = 0; n < sent; n += 1) client.send('[2,"id","Heartbeat",{}]'.padEnd(50_000));
    const unanswered = gateway.execute({ ...reset, deadline: new Date(now.getTime() + 20) });
    expect(await unanswered).toEqual({ kind: 'unanswered' });
    room.open();
    for (let n = 0; n < sent; n += 1) await another.call(`${n}`, 'Heartbeat', {});
    const seen = gateway.seen.filter(({ connectionId }) => connectionId === station.connectionId);
    expect(seen.length).toBeLessThan(20);
    held.open();
    await gateway.sawStations(sent + sent + 1);
  });
});
