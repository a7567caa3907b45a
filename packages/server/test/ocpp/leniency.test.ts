// Calls that deviate from OCPP: what is repaired and told, what is refused all the same, and what strictness changes.

import { describe, expect, it } from 'vitest';
import { rulesFor } from '../../src/ocpp/rpc/leniency.ts';
import { repaired } from '../../src/ocpp/rpc/repair.ts';
import { createSchemaCompiler } from '../../src/ocpp/rpc/schema_validator.ts';
import { dataTransferHandler } from '../../src/ocpp/v16/data_transfer.ts';
import { leniencyOfV16 } from '../../src/ocpp/v16/leniency.ts';
import { quirks } from '../../src/ocpp/v16/quirks.ts';
import MeterValues from '../../src/ocpp/v16/schemas/MeterValues.req.json' with { type: 'json' };
import StartTransaction from '../../src/ocpp/v16/schemas/StartTransaction.req.json' with { type: 'json' };
import StatusNotification from '../../src/ocpp/v16/schemas/StatusNotification.req.json' with { type: 'json' };
import StopTransaction from '../../src/ocpp/v16/schemas/StopTransaction.req.json' with { type: 'json' };
import { aBoot, aStation, anAccess, gate, lenient, now, testGateway, testStation } from './test_gateway.ts';
import type { TestGateway } from './test_gateway.ts';

const compile = createSchemaCompiler();
const schemas = { MeterValues, StartTransaction, StatusNotification, StopTransaction };

/** Repairs a payload as one of a make; undefined where it is refused. */
function repairOf(action: keyof typeof schemas, payload: unknown, make: { vendor?: string } = {}) {
  const check = compile(schemas[action]);
  expect(check(payload)).toBe(false);
  return repaired(JSON.parse(JSON.stringify(payload)), check, {
    action,
    rules: rulesFor(leniencyOfV16, make),
    receivedAt: now,
    timeZone: 'America/New_York',
  });
}

/** The deviations of the calls that were answered, in order. */
function deviationsIn({ logLines }: TestGateway): unknown[] {
  return logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'call answered')
    .map(({ deviations }) => deviations);
}

const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
const report = { status: 'Downloading' };
const reports = ({ facts }: TestGateway) => facts.filter(({ kind }) => kind === 'station_reported');

/** MeterValues of one sample. */
const sample = (more: object) => ({
  connectorId: 1,
  meterValue: [{ timestamp: '2026-11-03T10:00:00Z', sampledValue: [{ value: '1', ...more }] }],
});

/** A vendor's message that is answered with its data. */
const echo = (data: string | undefined) => ({
  facts: [],
  response: { status: 'Accepted' as const, ...(data === undefined ? {} : { data }) },
});

describe('a StatusNotification', () => {
  it.each<[string, object, object, string[]]>([
    ['a number as a text', { connectorId: ' 2 ' }, { connectorId: 2 }, ['connectorId: " 2 " taken as 2']],
    [
      'a text as a number',
      { vendorErrorCode: 12 },
      { vendorErrorCode: '12' },
      ['vendorErrorCode: 12 taken as "12"'],
    ],
    ['a text as a boolean', { info: true }, { info: 'true' }, ['info: true taken as "true"']],
    [
      'null for nothing',
      { info: null, vendorId: null },
      {},
      ['info: null left out', 'vendorId: null left out'],
    ],
    ['an unknown property', { 'a/b~c': { deep: [] } }, {}, ['a/b~c: not in the specification, left out']],
    ['a property in other letters', { vendorid: 'V' }, { vendorId: 'V' }, ['vendorid: taken as vendorId']],
    [
      'a word in other letters',
      { status: 'SUSPENDED_EV' },
      { status: 'SuspendedEV' },
      ['status: "SUSPENDED_EV" taken as "SuspendedEV"'],
    ],
    [
      'a word of OCPP 1.5',
      { status: 'Occupied' },
      { status: 'Charging' },
      ['status: "Occupied" taken as "Charging"'],
    ],
    ['an empty error code', { errorCode: '' }, {}, ['errorCode: "" taken as "NoError"']],
    ['no error code', { errorCode: undefined }, {}, ['errorCode: missing, taken as "NoError"']],
    [
      'null for an error code',
      { errorCode: null },
      {},
      ['errorCode: null left out', 'errorCode: missing, taken as "NoError"'],
    ],
    [
      'a number for an error code',
      { errorCode: 0 },
      {},
      ['errorCode: 0 taken as "0"', 'errorCode: "0" taken as "NoError"'],
    ],
    [
      'a text that is too long',
      { info: 'é'.repeat(60) },
      { info: 'é'.repeat(60) },
      ['info: 60 characters where 50 are allowed, kept'],
    ],
    [
      'a text that is far too long',
      { info: 'é'.repeat(300) },
      { info: 'é'.repeat(255) },
      ['info: 300 characters where 50 are allowed, cut to 255'],
    ],
    ['a timestamp that is none', { timestamp: 'yesterday' }, {}, ['timestamp: "yesterday" left out']],
    ['no instant', { timestamp: '2026-02-30T00:00:00' }, {}, ['timestamp: "2026-02-30T00:00:00" left out']],
  ])('with %s is repaired', (_, sent, meant, deviations) => {
    const payload = JSON.parse(JSON.stringify({ ...status, ...sent })) as unknown;
    expect(repairOf('StatusNotification', payload)).toEqual({ payload: { ...status, ...meant }, deviations });
  });

  it.each<[string, string]>([
    ['2026-11-03 10:00:00', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T10:00:00', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T9:05', '2026-11-03T09:05:00.000Z'],
    ['20261103T100000Z', '2026-11-03T10:00:00.000Z'],
    ['2026-11-03T10:00:00,5+0100', '2026-11-03T09:00:00.500Z'],
    ['2026-11-03T10:00:00 +01', '2026-11-03T09:00:00.000Z'],
    ['2026-11-03T10:00:00 UTC', '2026-11-03T10:00:00.000Z'],
    ['1793700000', '2026-11-03T10:00:00.000Z'],
    ['1793700000123', '2026-11-03T10:00:00.123Z'],
  ])('of "%s" was sent at %s', (timestamp, instant) => {
    expect(repairOf('StatusNotification', { ...status, timestamp })?.payload).toEqual({
      ...status,
      timestamp: instant,
    });
  });

  it('of a number is of seconds since 1970', () => {
    expect(repairOf('StatusNotification', { ...status, timestamp: 1_793_700_000 })?.payload).toEqual({
      ...status,
      timestamp: '2026-11-03T10:00:00.000Z',
    });
  });

  it('without a zone is of the station’s clock where its make does so', () => {
    const payload = { ...status, timestamp: '2026-11-03T10:00:00' };
    expect(repairOf('StatusNotification', payload, { vendor: 'Growatt' })?.payload).toEqual({
      ...status,
      timestamp: '2026-11-03T15:00:00.000Z',
    });
  });

  it.each<[string, object]>([
    ['a status that nobody knows', { status: 'Free' }],
    ['no status', { status: undefined }],
    ['no connector', { connectorId: undefined }],
    ['a connector that is null', { connectorId: null }],
    ['a connector that is a word', { connectorId: 'left' }],
    ['a connector that is true', { connectorId: true }],
    ['half a connector', { connectorId: 1.5 }],
    ['an object for a text', { info: { a: 1 } }],
    ['one fault of many that is beyond repair', { errorCode: 'Error', status: 'Free', extra: 1 }],
  ])('with %s is refused', (_, sent) => {
    const payload = JSON.parse(JSON.stringify({ ...status, ...sent })) as unknown;
    expect(repairOf('StatusNotification', payload)).toBeUndefined();
  });
});

describe('transactions and meter values', () => {
  it.each<[object, object]>([
    [{ measurand: 'Energy.Active.Import' }, { measurand: 'Energy.Active.Import.Register' }],
    [{ measurand: 'current.import' }, { measurand: 'Current.Import' }],
    [{ measurand: 'Request.Energy' }, { measurand: 'Request.Energy' }],
    [{ context: 'CurrentMax' }, { context: 'Other' }],
    [{ unit: 'kwh' }, { unit: 'kWh' }],
    [{ unit: 'Hz' }, { unit: 'Hz' }],
    [{ phase: 'L1N' }, { phase: 'L1-N' }],
    [{ location: null, value: 12.5 }, { value: '12.5' }],
  ])('a sample with %j is taken as with %j', (sent, meant) => {
    expect(repairOf('MeterValues', sample(sent))?.payload).toEqual(sample(meant));
  });

  it('a word of more than 50 characters is none', () => {
    expect(repairOf('MeterValues', sample({ measurand: 'x'.repeat(51) }))).toBeUndefined();
  });

  it('a thousand faults are told by twenty', () => {
    const [value = { timestamp: '', sampledValue: [] }] = sample({ value: 1 }).meterValue;
    const payload = { connectorId: 1, meterValue: Array.from({ length: 1000 }, () => value) };
    const { deviations = [] } = repairOf('MeterValues', payload) ?? {};
    expect([deviations.length, deviations.at(-1)]).toEqual([21, 'and 980 more']);
  });

  const start = { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: '2026-11-03T10:00:00Z' };
  const stop = { transactionId: 1, meterStop: 5, timestamp: '2026-11-03T10:00:00Z' };

  it('a stop without a time was at its receipt', () => {
    expect(repairOf('StopTransaction', { ...stop, timestamp: '' })).toEqual({
      payload: { ...stop, timestamp: now.toISOString() },
      deviations: ['timestamp: "" left out', `timestamp: missing, taken as "${now.toISOString()}"`],
    });
  });

  it('readings are rounded, and a transaction’s number may be a text', () => {
    expect(repairOf('StopTransaction', { ...stop, meterStop: '5.7', transactionId: '12' })).toBeUndefined();
    expect(repairOf('StopTransaction', { ...stop, meterStop: 5.7, transactionId: '12' })?.payload).toEqual({
      ...stop,
      meterStop: 6,
      transactionId: 12,
    });
  });

  it.each<['StartTransaction' | 'StopTransaction', object]>([
    ['StartTransaction', { ...start, idTag: 1234 }],
    ['StartTransaction', { ...start, idTag: undefined, idtag: 'CARD' }],
    ['StartTransaction', { ...start, idTag: null }],
    ['StartTransaction', { ...start, idTag: 'x'.repeat(256) }],
    ['StartTransaction', { ...start, timestamp: 'now' }],
    ['StopTransaction', { ...stop, transactionId: null }],
    ['StopTransaction', { ...stop, transactionId: 'A1' }],
    ['StopTransaction', { ...stop, transactionId: 1.5 }],
    ['StopTransaction', { ...stop, meterStop: null }],
  ])('who charges, and which transaction it is, is never made up: %s %j', (action, sent) => {
    expect(repairOf(action, JSON.parse(JSON.stringify(sent)))).toBeUndefined();
  });

  it('a card of more characters than the specification has is looked up as it is', () => {
    const idTag = 'DE*ABC*C12345678*9*LONG';
    expect(repairOf('StartTransaction', { ...start, idTag })?.payload).toEqual({ ...start, idTag });
  });
});

describe('quirks', () => {
  it('are each of a make and reported in public', () => {
    expect(quirks.filter(({ vendor, source }) => vendor.test('') || !source.startsWith('https://'))).toEqual(
      [],
    );
  });

  it('replace what is a rule for all, place by place', () => {
    const { rules } = leniencyOfV16;
    const quirk = {
      vendor: /^v$/i,
      model: /^m/,
      source: '',
      rules: { words: { 'sampledValue.unit': { meant: { u: 'Wh' } } }, zoneless: 'station' as const },
    };
    const all = { rules, quirks: [quirk] };
    expect(rulesFor(all, { vendor: 'V', model: 'm1' })).toEqual({
      ...rules,
      words: { ...rules.words, 'sampledValue.unit': { meant: { u: 'Wh' } } },
      zoneless: 'station',
    });
    for (const other of [{}, { vendor: 'V' }, { vendor: 'W', model: 'm1' }]) {
      expect(rulesFor(all, other)).toEqual(rules);
    }
  });

  it('are those of the make that the station’s boot tells, and of its model before', async () => {
    const growatt = { ...lenient, vendor: 'Growatt', timeZone: 'Europe/Vienna' };
    const server = await testGateway({
      findStationAccess: async () => anAccess({ station: aStation({ habits: growatt }) }),
    });
    const client = await testStation(server);
    const payload = { ...status, timestamp: '2026-11-03T10:00:00' };
    await client.call('1', 'StatusNotification', payload);
    await client.call('2', 'BootNotification', aBoot);
    await client.call('3', 'StatusNotification', payload);
    expect(server.facts.filter(({ kind }) => kind === 'connector_reported')).toMatchObject([
      { at: new Date('2026-11-03T09:00:00Z') },
      { at: new Date('2026-11-03T10:00:00Z') },
    ]);
  });
});

describe('a call that deviates', () => {
  it('is answered like any other, its deviations are told, and the station’s are counted', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    expect(await client.call('1', 'StatusNotification', { ...status, connectorId: '1' })).toEqual([
      3,
      '1',
      {},
    ]);
    expect(await client.call('2', 'Heartbeat', [])).toEqual([3, '2', { currentTime: now.toISOString() }]);
    expect(await client.call('3', 'StatusNotification', status)).toEqual([3, '3', {}]);
    expect(deviationsIn(server)).toEqual([['connectorId: "1" taken as 1'], ['payload: [] taken as {}'], []]);
    client.webSocket.close();
    await server.recorded('connection_closed');
    const [closed] = server.logLines.filter((line) => line.includes('station disconnected'));
    expect(JSON.parse(closed ?? '{}')).toMatchObject({ deviatingCalls: 2 });
  });

  it('is refused, with the faults of what was sent, where it cannot be repaired', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    expect(
      await client.call('1', 'StatusNotification', { ...status, connectorId: '1', status: 'Free' }),
    ).toEqual([
      4,
      '1',
      'TypeConstraintViolation',
      expect.stringMatching(/^connectorId must be integer; status must be one of /),
      {},
    ]);
    expect(server.facts.map(({ kind }) => kind)).toEqual(['connection_opened']);
  });

  it('is refused of a station that is treated strictly, whose connection stays', async () => {
    const server = await testGateway();
    const client = await testStation(server, '/ocpp/demo/strict-1');
    expect(await client.call('1', 'StatusNotification', { ...status, connectorId: '1' })).toEqual([
      4,
      '1',
      'TypeConstraintViolation',
      'connectorId must be integer',
      {},
    ]);
    client.send('[2,"2","Heartbeat",{}]\0');
    expect((await client.next()).slice(0, 3)).toEqual([4, '2', 'FormationViolation']);
    expect((await client.call('3', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '3']);
  });

  it('does not become a property of every object', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send('[2,"1","Heartbeat",{"__proto__":{"polluted":1}}]');
    expect(await client.next()).toEqual([3, '1', { currentTime: now.toISOString() }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may be deeper than it can be written', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    const deep = `${'['.repeat(15_000)}${']'.repeat(15_000)}`;
    client.send(`[2,"1","DataTransfer",{"vendorId":"V","data":${deep}}]`);
    expect((await client.next())[1]).toBe('1');
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe('frames', () => {
  const heartbeat = '[2,"1","Heartbeat",{}]';

  it.each<[string, string | Buffer, string[]]>([
    ['a binary frame', Buffer.from(heartbeat), ['frame: binary, taken as text']],
    ['a byte order mark', `\uFEFF${heartbeat}`, ['frame: a byte order mark, left out']],
    ['NULs at the end', `${heartbeat}\0\0`, ['frame: NULs after the JSON, left out']],
    [
      'all of them',
      Buffer.from(`\uFEFF${heartbeat}\n\0`),
      [
        'frame: binary, taken as text',
        'frame: a byte order mark, left out',
        'frame: NULs after the JSON, left out',
      ],
    ],
  ])('with %s are understood', async (_, message, deviations) => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send(message);
    expect(await client.next()).toEqual([3, '1', { currentTime: now.toISOString() }]);
    expect(deviationsIn(server)).toEqual([deviations]);
  });

  it.each<[string, string | Buffer, string]>([
    ['a binary frame that is no UTF-8', Buffer.from([0x5b, 0x32, 0x2c, 0xff, 0x5d]), '-1'],
    ['a NUL within', '[2,"1",\0"Heartbeat",{}]', '1'],
    ['two calls', `${heartbeat}[2,"2","Heartbeat",{}]`, '1'],
    ['something after the JSON', `${heartbeat};`, '1'],
    ['a comma after the last element', '[2,"1","Heartbeat",{},]', '1'],
    ['an escape that is none', '[2,"1","Heartbeat",{"a":"\\x"}]', '1'],
  ])('with %s are refused', async (_, message, id) => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send(message);
    expect((await client.next()).slice(0, 3)).toEqual([4, id, 'FormationViolation']);
  });
});

describe('a repeated call', () => {
  it('with the same message id is answered as before and not handled again, on another connection, too', async () => {
    const server = await testGateway();
    const first = await testStation(server);
    await first.call('1', 'FirmwareStatusNotification', report);
    await first.call('1', 'FirmwareStatusNotification', report);
    const second = await testStation(server);
    expect(await second.call('1', 'FirmwareStatusNotification', report)).toEqual([3, '1', {}]);
    expect(reports(server)).toHaveLength(1);
    const repeated = ['message id: repeated, answered as before'];
    expect(deviationsIn(server)).toEqual([[], repeated, repeated]);
  });

  it('of another station is its own', async () => {
    const server = await testGateway();
    for (const identity of ['open-1', 'open-2']) {
      const client = await testStation(server, `/ocpp/demo/${identity}`);
      await client.call('1', 'FirmwareStatusNotification', report);
    }
    expect(reports(server)).toHaveLength(2);
    expect(deviationsIn(server)).toEqual([[], []]);
  });

  it('waits for the first while that is being handled over the connection before', async () => {
    const keeping = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'station_reported') await keeping.passed;
        return undefined;
      },
    });
    const before = await testStation(server);
    before.send(JSON.stringify([2, '1', 'FirmwareStatusNotification', report]));
    await server.recorded('station_reported');
    const client = await testStation(server);
    const answer = client.call('1', 'FirmwareStatusNotification', report);
    await server.recorded('connection_opened', 2);
    keeping.open();
    expect(await answer).toEqual([3, '1', {}]);
    expect(reports(server)).toHaveLength(1);
  });

  it('is handled where the first could not be', async () => {
    let attempts = 0;
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'station_reported' && (attempts += 1) === 1) throw new Error('store fault');
        return undefined;
      },
    });
    const client = await testStation(server);
    expect((await client.call('1', 'FirmwareStatusNotification', report))[2]).toBe('InternalError');
    expect(await client.call('1', 'FirmwareStatusNotification', report)).toEqual([3, '1', {}]);
    expect(attempts).toBe(2);
  });

  it('that tells something else is another, and told', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    await client.call('1', 'FirmwareStatusNotification', report);
    await client.call('1', 'FirmwareStatusNotification', { status: 'Downloaded' });
    await client.call('1', 'DiagnosticsStatusNotification', { status: 'Uploaded' });
    expect(reports(server)).toHaveLength(3);
    const reused = ['message id: used before for another call'];
    expect(deviationsIn(server)).toEqual([[], reused, reused]);
  });

  it('is forgotten after 16 others, and after ten minutes', async () => {
    let time = now.getTime();
    const server = await testGateway({ clock: { now: () => new Date(time) } });
    const client = await testStation(server);
    const tell = (id: number) => client.call(String(id), 'FirmwareStatusNotification', report);
    for (let id = 0; id <= 16; id += 1) await tell(id);
    await tell(1);
    expect(reports(server)).toHaveLength(17);
    await tell(0);
    expect(reports(server)).toHaveLength(18);
    time += 10 * 60_000 + 1;
    await tell(16);
    expect(reports(server)).toHaveLength(19);
  });

  it('that asks for the time or tells the state now is handled again', async () => {
    let time = now.getTime();
    const server = await testGateway({ clock: { now: () => new Date(time) } });
    const client = await testStation(server);
    for (const state of ['Available', 'Charging', 'Available']) {
      await client.call(state, 'StatusNotification', { ...status, status: state });
    }
    await client.call('boot', 'BootNotification', aBoot);
    await client.call('beat', 'Heartbeat', {});
    time += 1000;
    const currentTime = new Date(time).toISOString();
    expect(await client.call('boot', 'BootNotification', aBoot)).toMatchObject([3, 'boot', { currentTime }]);
    expect(await client.call('beat', 'Heartbeat', {})).toEqual([3, 'beat', { currentTime }]);
    expect(server.facts.filter(({ kind }) => kind === 'connector_reported')).toHaveLength(3);
    expect(server.facts.filter(({ kind }) => kind === 'booted')).toHaveLength(2);
  });
});

describe('DataTransfer', () => {
  const context = {
    station: { tenantId: 't', chargingStationId: 'c', connectionId: 'n' },
    receivedAt: now,
    admitBoot: () => ({ isAdmitted: true, intervalSeconds: 300 }),
    authorizationOf: () => Promise.reject(new Error('nobody is asked')),
    certify: () => Promise.reject(new Error('nobody asks for a certificate')),
    habits: lenient,
  };
  const handle = dataTransferHandler(
    new Map([
      ['Vendor', new Map([['echo', echo]])],
      ['Silent', new Map([['', echo]])],
    ]),
  );

  it.each<[object, object]>([
    [
      { vendorId: 'Vendor', messageId: 'echo', data: 'x' },
      { status: 'Accepted', data: 'x' },
    ],
    [{ vendorId: 'Silent' }, { status: 'Accepted' }],
    [{ vendorId: 'Vendor', messageId: 'other', data: 'x' }, { status: 'UnknownMessageId' }],
    [{ vendorId: 'Vendor' }, { status: 'UnknownMessageId' }],
    [{ vendorId: 'Other', messageId: 'echo', data: 'x' }, { status: 'UnknownVendorId' }],
  ])('1.6 4.3: %j is answered %j', async (request, response) => {
    expect(await handle(request as { vendorId: string }, context)).toEqual({ facts: [], response });
  });

  it('of a vendor that we do not know is answered so', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    expect(await client.call('1', 'DataTransfer', { vendorId: 'Vendor', data: 'x' })).toEqual([
      3,
      '1',
      { status: 'UnknownVendorId' },
    ]);
  });
});
