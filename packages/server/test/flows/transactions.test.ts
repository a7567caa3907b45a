// Transactions and meter values: from an OCPP client that is not ours to the API, also where stations misbehave.

import type { RPCClient } from 'ocpp-rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import { aClock, testApp } from '../test_app.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
beforeEach(() => {
  clock.moveTo(start);
});

const clients: RPCClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** Minutes from the clock's start. */
const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();

type Answer = Readonly<Record<string, unknown>>;
type Tell = (action: string, payload: object) => Promise<Answer>;
type Place = { tenantId: string; slug: string; ask: Caller };

async function aPlace(): Promise<Place> {
  const { id: tenantId, slug } = await aTenant(app.store);
  return { tenantId, slug, ask: await aCaller(app, tenantId) };
}

async function aStation({ tenantId, slug }: Place): Promise<{ id: string; tell: Tell }> {
  const { id, identity } = await aChargingStation(app.store, tenantId);
  const client = ocppClient({ endpoint: `ws://localhost:${app.port}/ocpp/${slug}`, identity });
  clients.push(client);
  await client.connect();
  return { id, tell: async (action, payload) => (await client.call(action, payload)) as Answer };
}

async function aDriverToken({ ask }: Place, value: string, more: object = {}): Promise<void> {
  const answer = await ask('POST', '/driver_tokens', { value, companyUuid: null, ...more });
  expect(answer.status, answer.text).toBe(201);
}

const started = (minutes: number, more: object = {}) => ({
  connectorId: 1,
  idTag: 'CARD',
  meterStart: 1000,
  timestamp: at(minutes),
  ...more,
});
const stopped = (minutes: number, transactionId: unknown, more: object = {}) => ({
  transactionId,
  idTag: 'CARD',
  meterStop: 6000,
  timestamp: at(minutes),
  ...more,
});
const shownBy = async (ask: Caller, path = '/transactions') => (await ask('GET', path)).json<List>().data;
const attributesBy = async (ask: Caller, path = '/transactions') =>
  (await shownBy(ask, path)).map(({ attributes }) => attributes);

describe('a transaction', () => {
  it('is shown from its start to its stop, with what it delivered so far', async () => {
    const place = await aPlace();
    await aDriverToken(place, 'CARD');
    const { id, tell } = await aStation(place);
    await tell('StatusNotification', { connectorId: 1, status: 'Preparing', errorCode: 'NoError' });
    expect(await tell('StartTransaction', started(1))).toEqual({
      transactionId: 1,
      idTagInfo: { status: 'Accepted' },
    });
    const [connector] = await shownBy(place.ask, `/cp/${id}/connectors`);
    const active = {
      cpId: id,
      connectorId: connector?.id,
      connectorNumber: 1,
      driverToken: 'CARD',
      authorizationStatus: 'Accepted',
      reservationId: null,
      state: 'active',
      startDate: at(1),
      endDate: null,
      meterStartWh: 1000,
      meterStopWh: null,
      energyWh: null,
      stopReason: null,
      stopDriverToken: null,
      endedBy: null,
      flags: [],
      createdAt: at(0),
      updatedAt: at(0),
    };
    expect(await shownBy(place.ask)).toEqual([{ type: 'transactions', id: '1', attributes: active }]);

    clock.moveBy(60_000);
    const values = [{ timestamp: at(2), sampledValue: [{ value: '2.5', unit: 'kWh' }] }];
    await tell('MeterValues', { connectorId: 1, transactionId: 1, meterValue: values });
    expect(await attributesBy(place.ask, `/cp/${id}/transactions`)).toMatchObject([
      { state: 'active', energyWh: 1500, meterStopWh: null, updatedAt: at(1) },
    ]);

    clock.moveBy(60_000);
    const answer = await tell('StopTransaction', stopped(3, 1, { reason: 'EVDisconnected' }));
    expect(answer).toEqual({ idTagInfo: { status: 'Accepted' } });
    const read = await place.ask('GET', '/transactions/1');
    expect(read.json<Single>().data.attributes).toEqual({
      ...active,
      state: 'ended',
      endDate: at(3),
      meterStopWh: 6000,
      energyWh: 5000,
      stopReason: 'EVDisconnected',
      stopDriverToken: 'CARD',
      endedBy: 'station',
      updatedAt: at(2),
    });
  });

  it('that is started again is the same one, in whatever state, and gets the same answer', async () => {
    const place = await aPlace();
    await aDriverToken(place, 'CARD');
    const { tell } = await aStation(place);
    const first = await tell('StartTransaction', started(1));
    expect(await tell('StartTransaction', started(1))).toEqual(first);
    expect(await tell('StartTransaction', started(1, { idTag: 'card' }))).toEqual(first);
    await tell('StopTransaction', stopped(2, 1));
    expect(await tell('StartTransaction', started(1))).toEqual(first);
    await tell('StopTransaction', stopped(9, 1, { meterStop: 9999 }));
    expect(await attributesBy(place.ask)).toMatchObject([{ endDate: at(2), meterStopWh: 6000, flags: [] }]);
  });

  it('has a number of its tenant’s own, which is never given again', async () => {
    const [one, other] = [await aPlace(), await aPlace()];
    const [ofOne, ofOther] = [await aStation(one), await aStation(other)];
    for (const number of [1, 2, 3]) {
      const payload = started(number, { connectorId: number });
      expect(await ofOne.tell('StartTransaction', payload)).toMatchObject({ transactionId: number });
    }
    expect(await ofOther.tell('StartTransaction', started(1))).toMatchObject({ transactionId: 1 });
  });

  it('is kept whatever the driver’s token is worth', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    const answer = await tell('StartTransaction', started(1, { idTag: 'NOBODY' }));
    expect(answer).toEqual({ transactionId: 1, idTagInfo: { status: 'Invalid' } });
    expect(await attributesBy(place.ask)).toMatchObject([
      { driverToken: 'NOBODY', authorizationStatus: 'Invalid', state: 'active' },
    ]);
  });

  it('is stopped only by its own station', async () => {
    const place = await aPlace();
    const [one, other] = [await aStation(place), await aStation(place)];
    await one.tell('StartTransaction', started(1));
    expect(await other.tell('StopTransaction', stopped(2, 1))).toEqual({ idTagInfo: { status: 'Invalid' } });
    expect(await attributesBy(place.ask)).toMatchObject([
      { cpId: one.id, state: 'active' },
      { cpId: other.id, startDate: null, state: 'ended', flags: ['without_start'] },
    ]);
  });

  it('outlives its station', async () => {
    const place = await aPlace();
    const { id, tell } = await aStation(place);
    await tell('StartTransaction', started(1));
    expect((await place.ask('DELETE', `/charging_stations/${id}`)).status).toBe(204);
    expect(await attributesBy(place.ask)).toMatchObject([{ cpId: id, connectorId: null, state: 'active' }]);
  });
});

describe('a stop', () => {
  it.for([-1, 0, 2 ** 63])(
    'that never got our number and says %i ends what is active',
    async (transactionId) => {
      const place = await aPlace();
      const { tell } = await aStation(place);
      await tell('StartTransaction', started(1));
      await tell('StopTransaction', stopped(2, transactionId, { idTag: undefined }));
      expect(await attributesBy(place.ask)).toMatchObject([
        { state: 'ended', meterStopWh: 6000, flags: ['stop_matched'], endedBy: 'station' },
      ]);
    },
  );

  it('with another number ends what the same driver token started, and nothing else', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StartTransaction', started(1, { connectorId: 1, idTag: 'ONE' }));
    await tell('StartTransaction', started(1, { connectorId: 2, idTag: 'TWO' }));
    await tell('StopTransaction', stopped(2, 77, { idTag: 'TWO' }));
    await tell('StopTransaction', stopped(3, 78, { idTag: 'THREE' }));
    expect(await attributesBy(place.ask)).toMatchObject([
      { driverToken: 'ONE', state: 'active' },
      { driverToken: 'TWO', state: 'ended', flags: ['stop_matched'] },
      { driverToken: 'THREE', startDate: null, connectorNumber: null, flags: ['without_start'] },
    ]);
  });

  it('that comes before its start, and twice, is one transaction with it', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StopTransaction', stopped(2, -1));
    await tell('StopTransaction', stopped(2, -1));
    const answer = await tell('StartTransaction', started(1));
    expect(answer).toMatchObject({ transactionId: 1 });
    expect(await tell('StartTransaction', started(1))).toEqual(answer);
    expect(await attributesBy(place.ask)).toMatchObject([
      {
        connectorNumber: 1,
        startDate: at(1),
        endDate: at(2),
        energyWh: 5000,
        flags: ['start_came_late'],
      },
    ]);
    // What begins later has nothing to do with it.
    expect(await tell('StartTransaction', started(5))).toMatchObject({ transactionId: 2 });
  });

  it('below its start, or before it, is kept and flagged', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StartTransaction', started(5));
    await tell('StopTransaction', stopped(1, 1, { meterStop: 10 }));
    expect(await attributesBy(place.ask)).toMatchObject([
      { endDate: at(1), meterStopWh: 10, energyWh: 0, flags: ['meter_went_back', 'clock_went_back'] },
    ]);
  });

  it('has meter values of its own', async () => {
    const place = await aPlace();
    const { id, tell } = await aStation(place);
    await tell('StartTransaction', started(1, { connectorId: 2 }));
    const sampledValue = [{ value: '6000', unit: 'Wh', context: 'Transaction.End' }];
    const transactionData = [{ timestamp: at(2), sampledValue }];
    await tell('StopTransaction', stopped(2, 1, { transactionData }));
    expect(await attributesBy(place.ask, '/transactions/1/meter_values')).toEqual([
      {
        cpId: id,
        connectorNumber: 2,
        transactionId: 1,
        measuredAt: at(2),
        receivedAt: at(0),
        samples: [
          {
            value: 6000,
            unit: 'Wh',
            measurand: 'Energy.Active.Import.Register',
            context: 'Transaction.End',
            phase: null,
            location: 'Outlet',
          },
        ],
      },
    ]);
  });
});

describe('what nobody ends', () => {
  it('is ended by the connector’s next start, unless that is older', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StartTransaction', started(10));
    await tell('StartTransaction', started(5, { idTag: 'EARLIER' }));
    await tell('StartTransaction', started(20, { idTag: 'LATER', meterStart: 3000 }));
    expect(await attributesBy(place.ask)).toMatchObject([
      { driverToken: 'CARD', endDate: at(20), endedBy: 'next_start', energyWh: 0 },
      { driverToken: 'EARLIER', endDate: at(20), endedBy: 'next_start' },
      { driverToken: 'LATER', state: 'active' },
    ]);
    // The true stop counts after all.
    await tell('StopTransaction', stopped(12, 1, { meterStop: 2500 }));
    expect(await attributesBy(place.ask)).toMatchObject([
      { endDate: at(12), endedBy: 'station', energyWh: 1500, flags: ['stop_came_late'] },
      {},
      {},
    ]);
  });

  it('is ended an hour after the connector is available', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StartTransaction', started(0));
    clock.moveBy(60_000);
    const report = { connectorId: 1, status: 'Available', errorCode: 'NoError', timestamp: at(1) };
    await tell('StatusNotification', report);
    clock.moveBy(59 * 60_000);
    await app.store.endLeftTransactions(clock.now());
    expect(await attributesBy(place.ask)).toMatchObject([{ state: 'active' }]);
    clock.moveBy(2 * 60_000);
    await app.store.endLeftTransactions(clock.now());
    expect(await attributesBy(place.ask)).toMatchObject([
      { state: 'ended', endDate: at(1), endedBy: 'connector_available', meterStopWh: 1000 },
    ]);
  });

  it('is ended a week after its station was last heard', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await tell('StartTransaction', started(0));
    await clients.pop()?.close();
    const closed = async () => {
      const [row] = await app.database.look<{ closed_at: Date | null }>(
        'select closed_at from station_connections',
      );
      return row?.closed_at;
    };
    await expect.poll(closed).not.toBe(null);
    clock.moveBy(8 * 24 * 3_600_000);
    await app.store.endLeftTransactions(clock.now());
    // The access token lived for a day.
    const ask = await aCaller(app, place.tenantId);
    expect(await attributesBy(ask)).toMatchObject([
      { state: 'ended', endDate: at(0), endedBy: 'station_lost' },
    ]);
  });
});

describe('Authorize', () => {
  it('tells what a driver token is worth', async () => {
    const place = await aPlace();
    await aDriverToken(place, 'GOOD', { expiresAt: '2026-11-25T13:00:00Z', parentValue: 'GROUP' });
    await aDriverToken(place, 'BLOCKED', { isBlocked: true });
    await aDriverToken(place, 'OF-BLOCKED', { parentValue: 'blocked' });
    const { tell } = await aStation(place);
    const info = async (idTag: string) => (await tell('Authorize', { idTag }))['idTagInfo'];
    const good = { expiryDate: at(60), parentIdTag: 'GROUP' };
    expect(await info('good')).toEqual({ status: 'Accepted', ...good });
    expect(await info('BLOCKED')).toEqual({ status: 'Blocked' });
    expect(await info('OF-BLOCKED')).toEqual({ status: 'Blocked', parentIdTag: 'blocked' });
    expect(await info('NOBODY')).toEqual({ status: 'Invalid' });
    clock.moveBy(60 * 60_000);
    expect(await info('GOOD')).toEqual({ status: 'Expired', ...good });
  });

  it('knows no driver tokens of other tenants', async () => {
    const [one, other] = [await aPlace(), await aPlace()];
    await aDriverToken(other, 'CARD');
    const { tell } = await aStation(one);
    expect(await tell('Authorize', { idTag: 'CARD' })).toEqual({ idTagInfo: { status: 'Invalid' } });
  });

  it('accepts unknown ones where the tenant says so', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await app.store.tenants.update(
      { tenantId: place.tenantId, company: undefined },
      { values: { unknownDriverTokens: 'accept' }, ifUpdatedAt: undefined, now: start },
    );
    expect(await tell('Authorize', { idTag: 'NOBODY' })).toEqual({ idTagInfo: { status: 'Accepted' } });
  });
});

const startedAs = async (tell: Tell, payload: object) =>
  (await tell('StartTransaction', payload))['idTagInfo'];

describe('a driver token in a transaction', () => {
  it('is told ConcurrentTx at the next start, unless it may have several', async () => {
    const place = await aPlace();
    await aDriverToken(place, 'CARD');
    await aDriverToken(place, 'FLEET', { allowsConcurrentTransactions: true });
    const [one, other] = [await aStation(place), await aStation(place)];
    expect(await startedAs(one.tell, started(1))).toEqual({ status: 'Accepted' });
    expect(await startedAs(other.tell, started(2, { idTag: 'card' }))).toEqual({ status: 'ConcurrentTx' });
    // Said again, the first is still the first.
    expect(await startedAs(one.tell, started(1))).toEqual({ status: 'Accepted' });
    // Only a start is told so (OCPP 1.6 §7.2).
    expect(await other.tell('Authorize', { idTag: 'CARD' })).toEqual({ idTagInfo: { status: 'Accepted' } });
    for (const { tell } of [one, other]) {
      const fleet = started(3, { idTag: 'FLEET', connectorId: 2 });
      expect(await startedAs(tell, fleet)).toEqual({ status: 'Accepted' });
    }
  });

  it('is told so in the same moment, too', async () => {
    const place = await aPlace();
    await aDriverToken(place, 'CARD');
    const stations = await Promise.all(Array.from({ length: 5 }, () => aStation(place)));
    const answers = await Promise.all(stations.map(({ tell }) => tell('StartTransaction', started(1))));
    const statuses = answers.map(({ idTagInfo }) => (idTagInfo as { status: string }).status);
    expect(statuses.filter((status) => status === 'Accepted')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'ConcurrentTx')).toHaveLength(4);
  });
});

const read = (minutes: number, sampledValue: object[]) => ({
  connectorId: 1,
  meterValue: [{ timestamp: at(minutes), sampledValue }],
});

describe('meter values', () => {
  it('are shown normalised in the order of their instants, and are one where they are sent again', async () => {
    const place = await aPlace();
    const { id, tell } = await aStation(place);
    const later = {
      timestamp: at(2),
      sampledValue: [
        { value: '7.4', measurand: 'Power.Active.Import', unit: 'kW', phase: 'L1' },
        { value: '86', measurand: 'SoC', location: 'EV' },
        { value: 'MEUC…', format: 'SignedData' },
      ],
    };
    const earlier = { timestamp: at(1), sampledValue: [{ value: '12' }] };
    const message = { connectorId: 1, meterValue: [later, earlier] };
    await tell('MeterValues', message);
    await tell('MeterValues', message);
    const common = { cpId: id, connectorNumber: 1, transactionId: null, receivedAt: at(0) };
    const periodic = { context: 'Sample.Periodic', phase: null, location: 'Outlet' };
    const energy = { ...periodic, unit: 'Wh', measurand: 'Energy.Active.Import.Register' };
    for (const path of ['/meter_values', `/cp/${id}/meter_values`]) {
      expect(await attributesBy(place.ask, path)).toEqual([
        { ...common, measuredAt: at(1), samples: [{ ...energy, value: 12 }] },
        {
          ...common,
          measuredAt: at(2),
          samples: [
            {
              ...periodic,
              value: 7400,
              unit: 'W',
              measurand: 'Power.Active.Import',
              phase: 'L1',
              raw: { value: '7.4', unit: 'kW' },
            },
            { ...periodic, value: 86, unit: 'Percent', measurand: 'SoC', location: 'EV' },
            { ...energy, value: null, raw: { value: 'MEUC…', format: 'SignedData' } },
          ],
        },
      ]);
    }
  });

  it('of instants far away are kept as well', async () => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    const meterValue = ['0001-01-01T00:00:00Z', '1969-12-31T00:00:00Z', '9999-12-31T23:59:59Z'].map(
      (timestamp) => ({ timestamp, sampledValue: [{ value: '1' }] }),
    );
    await tell('MeterValues', { connectorId: 0, meterValue });
    const shown = await attributesBy(place.ask, '/meter_values');
    expect(shown.map(({ measuredAt }) => measuredAt).toSorted()).toEqual([
      '0001-01-01T00:00:00.000Z',
      '1969-12-31T00:00:00.000Z',
      '9999-12-31T23:59:59.000Z',
    ]);
  });

  it('are shown newest by connector', async () => {
    const place = await aPlace();
    const { id, tell } = await aStation(place);
    await tell('MeterValues', read(1, [{ value: '12' }, { value: '230', measurand: 'Voltage' }]));
    await tell('MeterValues', read(3, [{ value: '14' }]));
    await tell('MeterValues', read(2, [{ value: '13' }]));
    const periodic = { context: 'Sample.Periodic', phase: null, location: 'Outlet' };
    for (const path of ['/latest_meter_values', `/cp/${id}/latest_meter_values`]) {
      expect(await attributesBy(place.ask, path)).toEqual([
        {
          cpId: id,
          connectorNumber: 1,
          measuredAt: at(3),
          samples: [
            {
              ...periodic,
              value: 14,
              unit: 'Wh',
              measurand: 'Energy.Active.Import.Register',
              measuredAt: at(3),
            },
            { ...periodic, value: 230, unit: 'V', measurand: 'Voltage', measuredAt: at(1) },
          ],
        },
      ]);
    }
  });
});

describe('numbers beyond all reason', () => {
  it.for([
    ['StartTransaction', started(1, { meterStart: 1e30 })],
    ['StartTransaction', started(1, { connectorId: 1000 })],
    ['StopTransaction', stopped(1, 1, { meterStop: 1e30 })],
    ['MeterValues', { connectorId: -1, meterValue: [] }],
  ] as const)('are refused: %s %o', async ([action, payload]) => {
    const place = await aPlace();
    const { tell } = await aStation(place);
    await expect(tell(action, payload)).rejects.toMatchObject({
      rpcErrorCode: 'PropertyConstraintViolation',
    });
    expect(await shownBy(place.ask)).toEqual([]);
  });
});
