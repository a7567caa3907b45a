// Our calls to stations: their order, their deadlines, and how each of them ends.

import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/domain/index.ts';
import { aCommand, commandedGateway, commandedStation } from './commanded_gateway.ts';
import type { CommandedGateway } from './commanded_gateway.ts';
import { aBoot, gate, now, testGateway, testStation } from './test_gateway.ts';
import type { TestStation } from './test_gateway.ts';

const reset = { command: 'reset', parameters: { type: 'Soft' } };
const station = { tenantId: 'tenant-demo', chargingStationId: 'id-open-1', connectionId: 'connection-1' };
const accepted = { kind: 'answered', result: 'Accepted', response: { status: 'Accepted' } };
const made = {
  ...station,
  kind: 'call',
  at: now,
  direction: 'to_station',
  action: 'Reset',
  payload: { type: 'Soft' },
};

async function started(overrides: Parameters<typeof commandedGateway>[0] = {}) {
  const server = await commandedGateway(overrides);
  return { server, client: await commandedStation(server) };
}

/** A command whose deadline is near: it passes while the test looks on. */
const hasty = () => ({ ...reset, deadline: new Date(now.getTime() + 20) });

async function answerNext(
  client: TestStation,
  payload: unknown = { status: 'Accepted' },
): Promise<unknown[]> {
  const call = await client.next();
  client.send(JSON.stringify([3, call[1], payload]));
  return call;
}

/** Resolves when all that the station sent so far was read. */
const synced = (client: TestStation) => client.call('synced', 'Heartbeat', {});

describe('a command', () => {
  it('is a call with its id for message id, once it may be sent', async () => {
    const { server, client } = await started();
    const stored = gate();
    const command = aCommand(reset);
    const asked: string[] = [];
    const executed = server.gateway.execute(command, async (connectionId) => {
      asked.push(connectionId);
      await stored.passed;
      return true;
    });
    await synced(client);
    expect(client.received).toEqual([]);
    expect(server.gateway.isFree('id-open-1')).toBe(false);
    stored.open();
    expect(await answerNext(client)).toEqual([2, command.id, 'Reset', { type: 'Soft' }]);
    expect(await executed).toEqual(accepted);
    expect(asked).toEqual(['connection-1']);
    expect(server.callsMade()).toEqual([
      {
        ...made,
        messageId: command.id,
        answer: { payload: { status: 'Accepted' } },
        latencyMs: 0,
        deviations: [],
      },
    ]);
    expect(server.gateway.isFree('id-open-1')).toBe(true);
  });

  it.each([
    ['false', async () => false, ''],
    ['Unavailable', () => Promise.reject(new Unavailable('away')), 'a command could not be stored as sent'],
    ['a fault', () => Promise.reject(new Error('fault')), 'a command could not be stored as sent'],
  ])('is not sent where the answer to that is %s', async (_, willSend, logged) => {
    const { server, client } = await started();
    expect(await server.execute(reset, willSend)).toEqual({ kind: 'not_sent' });
    await synced(client);
    expect(client.received).toEqual([]);
    expect(server.callsMade()).toEqual([]);
    expect(server.gateway.isFree('id-open-1')).toBe(true);
    expect(server.logLines.join('')).toContain(logged);
  });

  it('waits until the one before it was answered', async () => {
    const { server, client } = await started();
    const first = aCommand(reset);
    const second = aCommand({ command: 'clear_cache' });
    const outcomes = [first, second].map((command) => server.gateway.execute(command, async () => true));
    expect((await client.next())[1]).toBe(first.id);
    await synced(client);
    expect(client.received).toEqual([]);
    client.send(JSON.stringify([3, first.id, { status: 'Rejected' }]));
    expect((await answerNext(client))[1]).toBe(second.id);
    expect(await Promise.all(outcomes)).toMatchObject([{ result: 'Rejected' }, { result: 'Accepted' }]);
  });

  it('is not sent where sixteen wait already', async () => {
    const { server, client } = await started();
    const outcomes = Array.from({ length: 17 }, () => server.execute(reset));
    expect(await server.execute(reset)).toEqual({ kind: 'not_sent' });
    for (let n = 0; n < 17; n += 1) await answerNext(client);
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => accepted));
  });

  it('of another station goes its own way', async () => {
    const { server, client } = await started();
    const other = await testStation(server, '/ocpp/demo/open-2');
    await server.connected(2);
    void server.execute(reset);
    await client.next();
    const executed = server.execute({ ...reset, chargingStationId: 'id-open-2' });
    await answerNext(other);
    expect(await executed).toEqual(accepted);
  });

  it('does not wait for calls of the station, nor these for it', async () => {
    const held = gate();
    const { server, client } = await started({
      record: async (fact) => {
        if (fact.kind === 'booted') await held.passed;
      },
    });
    client.send(JSON.stringify([2, 'boot', 'BootNotification', aBoot]));
    await server.recorded('booted');
    const executed = server.execute(reset);
    await answerNext(client);
    expect(await executed).toEqual(accepted);
    held.open();
    expect((await client.next()).slice(0, 2)).toEqual([3, 'boot']);
  });
});

describe('the deadline', () => {
  it('ends a call that is not answered, and its late answer is in the communication log', async () => {
    let time = now;
    const { server, client } = await started({ clock: { now: () => time } });
    const command = aCommand(hasty());
    expect(await server.gateway.execute(command, async () => true)).toEqual({ kind: 'unanswered' });
    const unanswered = {
      ...made,
      messageId: command.id,
      answer: undefined,
      latencyMs: undefined,
      deviations: [],
    };
    expect(server.callsMade()).toEqual([unanswered]);
    // The next one goes its way in between.
    const next = server.execute({ command: 'clear_cache' });
    await client.next();
    await answerNext(client);
    expect(await next).toEqual(accepted);
    time = new Date(now.getTime() + 5_020);
    client.send(JSON.stringify([3, command.id, { status: 'Accepted' }]));
    client.send(JSON.stringify([3, command.id, { status: 'Accepted' }]));
    await synced(client);
    expect(server.callsMade().at(-1)).toEqual({
      ...unanswered,
      payload: undefined,
      answer: { payload: { status: 'Accepted' } },
      latencyMs: 5_020,
      deviations: ['the answer came 5000 ms after the deadline'],
    });
    expect(server.notes.filter(({ kind }) => kind === 'ignored_frame')).toHaveLength(1);
  });

  it('knows the last 32 calls that were not answered in time', async () => {
    const { server, client } = await started();
    const ids: string[] = [];
    for (let n = 0; n < 33; n += 1) {
      const command = aCommand({ ...reset, deadline: new Date(now.getTime() + 1) });
      ids.push(command.id);
      expect(await server.gateway.execute(command, async () => true)).toEqual({ kind: 'unanswered' });
      await client.next();
    }
    for (const id of ids) client.send(JSON.stringify([4, id, 'GenericError', '', {}]));
    await synced(client);
    const late = server.callsMade().slice(33);
    expect(late.map((note) => note.kind === 'call' && note.messageId)).toEqual(ids.slice(1));
    expect(server.notes.filter(({ kind }) => kind === 'ignored_frame')).toHaveLength(1);
  });

  it('ends one that waits: it is not sent', async () => {
    const { server, client } = await started();
    const open = server.execute(reset);
    expect(await server.execute(hasty())).toEqual({ kind: 'not_sent' });
    expect(await server.execute({ ...reset, deadline: now })).toEqual({ kind: 'not_sent' });
    await answerNext(client);
    expect(await open).toEqual(accepted);
    await synced(client);
    expect(client.received).toEqual([]);
  });

  it('that passes while it is asked whether it may be sent: it is not, and counts as sent', async () => {
    const { server, client } = await started();
    const stored = gate();
    const executed = server.execute(hasty(), async () => {
      await stored.passed;
      return true;
    });
    // Timers end in their order: the deadline's is the first.
    await new Promise((resolve) => setTimeout(resolve, 40));
    stored.open();
    expect(await executed).toEqual({ kind: 'unanswered' });
    await synced(client);
    expect(client.received).toEqual([]);
  });
});

describe('the connection', () => {
  const notConnected = { kind: 'not_connected' };

  it('that is not there: not connected', async () => {
    const server = await commandedGateway();
    expect(server.gateway.connectionOf('id-open-1')).toBeUndefined();
    expect(server.gateway.isFree('id-open-1')).toBe(false);
    expect(await server.execute(reset)).toEqual(notConnected);
  });

  it('counts once its opening is durable, and that is told', async () => {
    const durable = gate();
    const told: unknown[] = [];
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'connection_opened') await durable.passed;
      },
      stationConnected: (connected) => void told.push(connected),
    });
    const client = await testStation(server);
    await server.recorded('connection_opened');
    expect(server.gateway.connectionOf('id-open-1')).toBeUndefined();
    expect(await server.gateway.execute(aCommand(reset), async () => true)).toEqual(notConnected);
    durable.open();
    await synced(client);
    expect(told).toEqual([station]);
    expect(server.gateway.connectionOf('id-open-1')).toEqual({
      connectionId: 'connection-1',
      ocppVersion: '1.6',
    });
    expect(server.gateway.isFree('id-open-1')).toBe(true);
  });

  it.each([
    ['is closed', async (_: CommandedGateway, client: TestStation) => client.webSocket.close()],
    ['breaks', async (_: CommandedGateway, client: TestStation) => client.webSocket.terminate()],
    [
      'sends too long an answer',
      async (_: CommandedGateway, client: TestStation) => client.send('x'.repeat(70_000)),
    ],
    ['is replaced', async (server: CommandedGateway) => void (await testStation(server))],
    ['is let go', async ({ gateway }: CommandedGateway) => gateway.letGo('id-open-1')],
  ])('that %s: what was sent is lost, what waits is not sent', async (_, ends) => {
    const { server, client } = await started();
    const sent = server.execute(reset);
    const waits = server.execute(reset);
    const call = await client.next();
    await ends(server, client);
    expect(await sent).toEqual({ kind: 'connection_lost' });
    expect(await waits).toEqual(notConnected);
    expect(server.callsMade()).toMatchObject([{ messageId: call[1], answer: undefined }]);
  });

  it('that is replaced is lost at once, also where its station does not close it', async () => {
    const { server, client } = await started();
    const sent = server.execute(reset);
    await client.next();
    client.webSocket.pause();
    await testStation(server);
    expect(await sent).toEqual({ kind: 'connection_lost' });
    expect(server.notes.filter(({ kind }) => kind === 'connection_closed')).toEqual([]);
    client.webSocket.terminate();
  });

  it.each([
    ['which counts as sent then', true, { kind: 'connection_lost' }],
    ['and may not', false, notConnected],
  ])('that ends while it is asked whether a command may be sent, %s', async (_, isClaimed, outcome) => {
    const { server, client } = await started();
    const stored = gate();
    const executed = server.execute(reset, async () => {
      await stored.passed;
      return isClaimed;
    });
    client.webSocket.close();
    await server.recorded('connection_closed');
    stored.open();
    expect(await executed).toEqual(outcome);
    expect(server.callsMade()).toEqual([]);
  });

  it('that replaces another takes no answer to a call of that one', async () => {
    const { server, client } = await started();
    const sent = server.execute(reset);
    const call = await client.next();
    const newer = await testStation(server);
    expect(await sent).toEqual({ kind: 'connection_lost' });
    newer.send(JSON.stringify([3, call[1], { status: 'Accepted' }]));
    await synced(newer);
    expect(server.notes.filter(({ kind }) => kind === 'ignored_frame')).toHaveLength(1);
  });

  it('of a server that stops: an open call is still answered, what waits is not sent', async () => {
    const { server, client } = await started();
    const sent = server.execute(reset);
    const waits = server.execute(reset);
    const call = await client.next();
    const closing = server.gateway.close();
    expect(await waits).toEqual(notConnected);
    expect(await server.execute(reset)).toEqual(notConnected);
    client.send(JSON.stringify([3, call[1], { status: 'Accepted' }]));
    expect(await sent).toEqual(accepted);
    await closing;
    expect((await client.closed).code).toBe(1001);
  });

  it('of a server that stops does not wait longer than two seconds', async () => {
    const { server, client } = await started();
    const sent = server.execute(reset);
    await client.next();
    await server.gateway.close();
    expect(await sent).toEqual({ kind: 'connection_lost' });
    expect((await client.closed).code).toBe(1001);
  });
});

const notUnderstood = (why: string) => ({
  kind: 'refused',
  code: 'FormationViolation',
  description: `The station's answer is not understood: ${why}`,
  details: {},
});

describe('an answer', () => {
  it.each([
    ['a payload that is none', (id: string) => [3, id, 'Accepted'], 'payload must be object'],
    ['a payload without status', (id: string) => [3, id, {}], 'payload lacks "status"'],
    [
      'a status that is no word',
      (id: string) => [3, id, { status: { a: 1 } }],
      'status must be string; status must be one of Accepted, Rejected',
    ],
    ['no payload', (id: string) => [3, id], 'broken call result'],
    ['too much', (id: string) => [3, id, {}, {}], 'broken call result'],
    ['a call error without code', (id: string) => [4, id], 'broken call error'],
  ])('with %s is a refusal', async (_, answer, why) => {
    const { server, client } = await started();
    const executed = server.execute(reset);
    const [, id] = await client.next();
    client.send(JSON.stringify(answer(String(id))));
    expect(await executed).toEqual(notUnderstood(why));
    expect(server.callsMade()).toMatchObject([{ messageId: id, deviations: [expect.stringContaining(why)] }]);
  });

  it('that is no JSON is a refusal, and in the communication log', async () => {
    const { server, client } = await started();
    const executed = server.execute(reset);
    const [, id] = await client.next();
    const text = `[3,"${String(id)}",{"status":`;
    client.send(text);
    expect(await executed).toEqual(notUnderstood('broken answer'));
    expect(server.notes.at(-1)).toMatchObject({ kind: 'ignored_frame', text, reason: 'broken answer' });
  });

  it.each([
    [
      'reset',
      { status: 'accepted' },
      { status: 'Accepted' },
      'Accepted',
      'status: "accepted" taken as "Accepted"',
    ],
    [
      'reset',
      { status: 'Later' },
      { status: 'Later' },
      'Later',
      'status: "Later" is not in the specification, kept',
    ],
    [
      'reset',
      { status: 'Accepted', data: 1 },
      { status: 'Accepted' },
      'Accepted',
      'data: not in the specification, left out',
    ],
    ['get_local_list_version', { listVersion: '3' }, { listVersion: 3 }, null, 'listVersion: "3" taken as 3'],
    [
      'get_composite_schedule',
      {
        status: 'Accepted',
        chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ limit: 6 }] },
      },
      { status: 'Accepted' },
      'Accepted',
      'chargingSchedule: not understood, left out',
    ],
    [
      'get_configuration',
      {
        configurationKey: [
          { key: 'A', value: 'a' },
          { readonly: true },
          { key: 'B', readonly: 'true', value: 5 },
        ],
      },
      {
        configurationKeys: [
          { key: 'A', readonly: false, value: 'a' },
          { key: 'B', readonly: true, value: '5' },
        ],
        unknownKeys: [],
      },
      null,
      'configurationKey/1: not understood, left out',
    ],
    [
      'get_configuration',
      { configurationKey: [{ key: 'authorizationKey', readonly: false, value: 'secret' }], unknownKey: null },
      { configurationKeys: [{ key: 'authorizationKey', readonly: false, value: null }], unknownKeys: [] },
      null,
      'unknownKey: null left out',
    ],
  ])('of %s: %j is taken as %j', async (command, answer, response, result, deviation) => {
    const { server, client } = await started();
    const { parameters } = { parameters: command === 'reset' ? reset.parameters : {} };
    const schedule = { connectorId: 1, duration: 60 };
    const executed = server.execute({
      command,
      parameters: command === 'get_composite_schedule' ? schedule : parameters,
    });
    await answerNext(client, answer);
    expect(await executed).toEqual({ kind: 'answered', result, response });
    expect(server.callsMade()).toMatchObject([
      { deviations: expect.arrayContaining([deviation]) as unknown },
    ]);
  });

  it('of a station that is treated strictly is not repaired', async () => {
    const server = await commandedGateway();
    const client = await commandedStation(server, '/ocpp/demo/strict-1');
    const executed = server.execute({ ...reset, chargingStationId: 'id-strict-1' });
    await answerNext(client, { status: 'accepted' });
    expect(await executed).toEqual(notUnderstood('status must be one of Accepted, Rejected'));
  });

  it('to no call of ours ends none', async () => {
    const { server, client } = await started();
    const executed = server.execute(reset);
    const [, id] = await client.next();
    client.send(JSON.stringify([3, 'another', { status: 'Rejected' }]));
    client.send(JSON.stringify([3, 7, { status: 'Rejected' }]));
    client.send(JSON.stringify([4, 'another', 'GenericError', '', {}]));
    client.send(JSON.stringify([3, id, { status: 'Accepted' }]));
    expect(await executed).toEqual(accepted);
  });

  it('is stored whatever texts it has', async () => {
    const { server, client } = await started();
    const executed = server.execute(reset);
    const [, id] = await client.next();
    client.send(`[4,"${String(id)}","Generic\\u0000Error","\\ud800",{"a\\u0000":"\\udfff"}]`);
    expect(await executed).toEqual({
      kind: 'refused',
      code: 'GenericError',
      description: '\u{FFFD}',
      details: { a: '\u{FFFD}' },
    });
  });
});
