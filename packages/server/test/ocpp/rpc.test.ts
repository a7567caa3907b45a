// Broken frames and refused calls over the wire, with plain ws.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aBoot, now, testGateway, testStation } from './test_gateway.ts';

const long = 'x'.repeat(37);
const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };

describe('1.6J 4.2.3 call errors for broken frames', () => {
  it.each<[string, string | Buffer, string, string]>([
    ['a binary frame', Buffer.from('[2,"1","Heartbeat",{}]'), '1', 'FormationViolation'],
    ['a binary frame of rubbish', Buffer.from([0, 255, 1]), '-1', 'FormationViolation'],
    ['no JSON', 'hello', '-1', 'FormationViolation'],
    ['an empty message', '', '-1', 'FormationViolation'],
    [
      'JSON that is cut off',
      '[2,"17","BootNotification",{"chargePointVendor":"V',
      '17',
      'FormationViolation',
    ],
    ['JSON that is cut off after a BOM', '\uFEFF [ 2 , "17" , "Boot', '17', 'FormationViolation'],
    ['JSON that is cut off in its id', '[2,"17', '-1', 'FormationViolation'],
    ['JSON with a trailing comma', '[2,"17","Heartbeat",{},]', '17', 'FormationViolation'],
    ['an object', '{"a":1}', '-1', 'FormationViolation'],
    ['null', 'null', '-1', 'FormationViolation'],
    ['a string', '"[2]"', '-1', 'FormationViolation'],
    ['an empty array', '[]', '-1', 'FormationViolation'],
    ['a message type that is a string', '["2","17","Heartbeat",{}]', '17', 'FormationViolation'],
    ['only a message type', '[2]', '-1', 'FormationViolation'],
    ['an id that is a number', '[2,17,"Heartbeat",{}]', '17', 'FormationViolation'],
    ['an id that is null', '[2,null,"Heartbeat",{}]', '-1', 'FormationViolation'],
    ['an empty id', '[2,"","Heartbeat",{}]', '-1', 'FormationViolation'],
    ['an id of 37 characters', `[2,"${long}","Heartbeat",{}]`, long, 'FormationViolation'],
    ['an absurdly long id', `[2,"${'x'.repeat(999)}","Heartbeat",{}]`, '-1', 'FormationViolation'],
    ['no action', '[2,"17"]', '17', 'ProtocolError'],
    ['an action that is no string', '[2,"17",{},{}]', '17', 'FormationViolation'],
    ['no payload', '[2,"17","Heartbeat"]', '17', 'ProtocolError'],
    ['five elements', '[2,"17","Heartbeat",{},1]', '17', 'FormationViolation'],
    ['a member named twice', '[2,"17","Heartbeat",{"a":1,"b":":","\\u0061":2}]', '17', 'FormationViolation'],
    ['a depth bomb', `[2,"17","Heartbeat",${'['.repeat(30_000)}`, '17', 'FormationViolation'],
  ])('%s', async (_what, message, id, code) => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    client.send(message);
    expect(await client.next()).toEqual([4, id, code, expect.stringMatching(/^[A-Z].*\.$/), {}]);
    expect((await client.call('next', 'Heartbeat', {})).slice(0, 2)).toEqual([3, 'next']);
  });

  it.each([
    ['a call result of no call', '[3,"17",{}]'],
    ['a call error of no call', '[4,"17","GenericError","",{}]'],
    ['a call error without details', '[4,"17","GenericError"]'],
    ['a call result without an id', '[3]'],
    ['a call result that is cut off', '[3,"17",{"a'],
    ['a call error that is cut off', '[4,"17","Gene'],
    ['4.1.3 an unknown message type', '[5,"17",{}]'],
    ['4.1.3 a message type below the table', '[1,"17",{}]'],
    ['4.1.3 a fractional message type', '[2.5,"17",{}]'],
  ])('answers nothing to %s, and logs it', async (_what, message) => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send(message);
    expect((await client.call('next', 'Heartbeat', {})).slice(0, 2)).toEqual([3, 'next']);
    expect(server.logLines.join('')).toMatch(/a frame was ignored|an answer matches no call of ours/);
  });

  it.each([
    ['a byte order mark', '\uFEFF[2,"17","Heartbeat",{}]'],
    ['white space', ' \r\n\t[ 2 , "17" , "Heartbeat" , { } ] \n'],
    ['4.2.1 null for no payload', '[2,"17","Heartbeat",null]'],
    [
      'duplicate keys (the last counts)',
      '[2,"17","StatusNotification",{"connectorId":"x","connectorId":1,"errorCode":"NoError","status":"Available"}]',
    ],
  ])('tolerates %s', async (_what, message) => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send(message);
    expect((await client.next()).slice(0, 2)).toEqual([3, '17']);
  });
});

describe('1.6J 4.2.3 call errors for calls', () => {
  it.each<[string, string, unknown, string, string]>([
    [
      'an action of no version',
      'Nonsense',
      {},
      'NotImplemented',
      'There is no action "Nonsense" in this version of OCPP.',
    ],
    [
      'an action in the wrong case',
      'heartbeat',
      {},
      'NotImplemented',
      'There is no action "heartbeat" in this version of OCPP.',
    ],
    [
      'an action named as a property of every object',
      'constructor',
      {},
      'NotImplemented',
      'There is no action "constructor" in this version of OCPP.',
    ],
    [
      'an action named __proto__',
      '__proto__',
      {},
      'NotImplemented',
      'There is no action "__proto__" in this version of OCPP.',
    ],
    [
      'an action that only we may send',
      'Reset',
      { type: 'Soft' },
      'NotSupported',
      'Reset from a station is not supported.',
    ],
    [
      'type',
      'StatusNotification',
      { ...status, connectorId: '1' },
      'TypeConstraintViolation',
      'connectorId must be integer',
    ],
    [
      'type: null for a string',
      'BootNotification',
      { ...aBoot, iccid: null },
      'TypeConstraintViolation',
      'iccid must be string',
    ],
    [
      'required',
      'BootNotification',
      { chargePointVendor: 'V' },
      'OccurenceConstraintViolation',
      'payload lacks "chargePointModel"',
    ],
    [
      'enum',
      'StatusNotification',
      { ...status, status: 'Free' },
      'PropertyConstraintViolation',
      'status must be one of Available, Preparing, Charging, SuspendedEVSE, SuspendedEV, Finishing, Reserved, Unavailable, Faulted',
    ],
    [
      'maxLength',
      'BootNotification',
      { ...aBoot, chargePointModel: 'x'.repeat(21) },
      'PropertyConstraintViolation',
      'chargePointModel must NOT have more than 20 characters',
    ],
    [
      'format',
      'StatusNotification',
      { ...status, timestamp: 'now' },
      'PropertyConstraintViolation',
      'timestamp must be a valid date-time',
    ],
    [
      'additionalProperties',
      'Heartbeat',
      { extra: 1 },
      'FormationViolation',
      'payload has an unknown property "extra"',
    ],
    ['a payload that is an array', 'Heartbeat', [], 'FormationViolation', 'payload must be object'],
    ['a payload that is a string', 'Heartbeat', 'x', 'FormationViolation', 'payload must be object'],
    [
      'several faults: the first decides',
      'StatusNotification',
      { connectorId: 'x', status: 1 },
      'OccurenceConstraintViolation',
      'payload lacks "errorCode"; connectorId must be integer; status must be string; and 1 more',
    ],
  ])('%s', async (_what, action, payload, code, description) => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    expect(await client.call('1', action, payload)).toEqual([4, '1', code, description, {}]);
    expect(server.facts.map((fact) => fact.kind)).toEqual(['connection_opened']);
  });

  it('is not harmed by __proto__ in a payload', async () => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    client.send(
      '[2,"1","BootNotification",{"__proto__":{"polluted":1},"chargePointVendor":"V","chargePointModel":"M"}]',
    );
    expect(await client.next()).toEqual([
      4,
      '1',
      'FormationViolation',
      'payload has an unknown property "__proto__"',
      {},
    ]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps descriptions to 255 characters, whatever the station sent', async () => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    const payload = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}-${'y'.repeat(60)}`, n]));
    const answer = await client.call('1', 'Heartbeat', payload);
    expect(answer[2]).toBe('FormationViolation');
    expect(String(answer[3]).length).toBeLessThanOrEqual(255);
  });

  it('survives a payload of great depth', async () => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    const depth = 15_000;
    client.send(`[2,"1","Heartbeat",${'{"a":'.repeat(depth)}"\\u0000"${'}'.repeat(depth)}]`.slice(0, 65_000));
    expect((await client.next()).slice(0, 2)).toEqual([4, '1']);
    client.send(`[2,"2","Heartbeat",{"a":${'['.repeat(depth)}"\\u0000"${']'.repeat(depth)}}]`);
    expect(await client.next()).toEqual([
      4,
      expect.any(String),
      'FormationViolation',
      expect.any(String),
      {},
    ]);
    expect((await client.call('3', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '3']);
  });
});

describe('fuzz', () => {
  const action = fc.constantFrom(
    'BootNotification',
    'Heartbeat',
    'StatusNotification',
    'Reset',
    'constructor',
  );
  const frame = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, '2', null), fc.jsonValue(), action, fc.jsonValue())
      .map((f) => JSON.stringify(f)),
    fc
      .tuple(
        fc.string({ minLength: 1, maxLength: 40 }),
        action,
        fc.dictionary(
          fc.constantFrom('connectorId', 'status', 'errorCode', 'timestamp', '__proto__', 'x'),
          fc.jsonValue(),
        ),
      )
      .map(([id, name, payload]) => JSON.stringify([2, id, name, payload])),
    // A good call with one piece cut out.
    fc.tuple(fc.nat(90), fc.nat(30)).map(([start, length]) => {
      const good = JSON.stringify([2, 'good', 'BootNotification', aBoot]);
      return good.slice(0, start) + good.slice(start + length);
    }),
  );

  it('no frames disconnect the station that sends them, nor another', { timeout: 60_000 }, async () => {
    const server = await testGateway();
    const fuzzer = await testStation(server, '/ocpp/demo/open-1');
    const other = await testStation(server, '/ocpp/demo/open-2');
    let probe = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 20 }), async (frames) => {
        for (const message of frames) fuzzer.send(message);
        const id = `probe-${(probe += 1)}`;
        fuzzer.send(JSON.stringify([2, id, 'Heartbeat', {}]));
        let answers = 0;
        for (;;) {
          const answer = await fuzzer.next();
          if (answer[1] === id) break;
          expect(answer).toHaveLength(answer[0] === 3 ? 3 : 5);
          answers += 1;
        }
        expect(answers).toBeLessThanOrEqual(frames.length);
        expect(await other.call(id, 'Heartbeat', {})).toEqual([3, id, { currentTime: now.toISOString() }]);
      }),
      { numRuns: 300 },
    );
    expect(server.gateway.connectionCount()).toBe(2);
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});
