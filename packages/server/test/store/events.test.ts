// The outbox: what is written of what happened, and the order in which it is read.

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalisedSample, wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Database, Statement } from '../../src/store/database.ts';
import { eventInsert } from '../../src/store/events.ts';
import type { EventPosition } from '../../src/store/events.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aMeterValue, aReport, aTenant, aTransaction } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

const log = pino({ level: 'silent' });
const now = new Date('2026-11-25T11:00:00.000Z');
const instant = now.toISOString();
let database: TestDatabase;
let store: Store;
let session: Database;

const open = () => openStore({ connection: database.connection, log, newId, maxConnections: 3 });

beforeAll(async () => {
  database = await testDatabase();
  store = await open();
  session = openDatabase({ connection: database.connection, log, maxConnections: 4 });
});
afterAll(async () => {
  await session.close();
  await store.close();
  await database.drop();
});

type Reader = { tenantId: string; stationId: string; told: (count?: number) => Promise<[string, unknown][]> };

/** A tenant with a station, whose events are read from now on. */
async function aReader(): Promise<Reader> {
  const tenantId = (await aTenant(store)).id;
  const { id: stationId } = await aChargingStation(store, tenantId);
  await store.events.attend([tenantId], now);
  let position: EventPosition = await store.events.present(now);
  return {
    tenantId,
    stationId,
    async told(count = 0) {
      const told: [string, unknown][] = [];
      // Transactions of others on the same PostgreSQL hold readers back, too.
      do {
        const { events, end } = await store.events.after(tenantId, position, { limit: 100, now });
        position = end;
        for (const event of events) expect(event.chargingStationId).toBe(stationId);
        told.push(...events.map(({ type, data }): [string, unknown] => [type, JSON.parse(data)]));
      } while (told.length < count);
      return told;
    },
  };
}

const written = (tenantId: string) =>
  database.look('select type from events where tenant_id = $1', [tenantId]);

describe('events', () => {
  it('are not written where nobody reads them, or has not for a week', async () => {
    const { id: tenantId } = await aTenant(store);
    const { id } = await aChargingStation(store, tenantId);
    await aReport(store, tenantId, id, 1);
    expect(await written(tenantId)).toEqual([]);
    await store.events.attend([tenantId], new Date(now.getTime() - 8 * 86_400_000));
    await aReport(store, tenantId, id, 1, { status: 'Charging' });
    expect(await written(tenantId)).toEqual([]);
    await store.events.attend([tenantId], now);
    await aReport(store, tenantId, id, 1, { status: 'Finishing' });
    expect(await written(tenantId)).toEqual([{ type: 'connector.status' }]);
  });

  it('tell of connections and boots; a late closing of an older connection is none', async () => {
    const { tenantId, stationId, told } = await aReader();
    const of = { tenantId, chargingStationId: stationId, at: now };
    const [older, newer] = [newId(), newId()];
    const opened = { kind: 'connection_opened', node: 'test', ocppVersion: '1.6' } as const;
    await store.stationFacts.record({ ...of, ...opened, connectionId: older });
    await store.stationFacts.record({
      ...of,
      kind: 'booted',
      connectionId: older,
      vendor: 'Vendor',
      model: 'Model',
      serialNumber: 'S1',
      firmwareVersion: '1.2',
      iccid: undefined,
      imsi: undefined,
    });
    await store.stationFacts.record({ ...of, ...opened, connectionId: newer });
    await store.stationFacts.record({ ...of, kind: 'connection_closed', connectionId: older });
    await store.stationFacts.record({ ...of, kind: 'connection_closed', connectionId: newer });
    expect(await told(4)).toEqual([
      ['station.connected', { ocppVersion: '1.6' }],
      [
        'station.booted',
        {
          vendor: 'Vendor',
          model: 'Model',
          serialnumber: 'S1',
          firmwareVersion: '1.2',
          iccid: null,
          imsi: null,
          bootedAt: instant,
        },
      ],
      ['station.connected', { ocppVersion: '1.6' }],
      ['station.disconnected', { disconnectedAt: instant }],
    ]);
  });

  it('tell of connections that a process left behind', async () => {
    const { tenantId, stationId, told } = await aReader();
    await store.stationFacts.record({
      tenantId,
      chargingStationId: stationId,
      at: now,
      kind: 'connection_opened',
      node: 'gone',
      ocppVersion: '1.6',
      connectionId: newId(),
    });
    await store.serverProcesses.forget('gone', now);
    expect((await told(2)).map(([type]) => type)).toEqual(['station.connected', 'station.disconnected']);
  });

  it('tell of a status when it changes, and of errors when they open and close', async () => {
    const { tenantId, stationId, told } = await aReader();
    const report = (values: Parameters<typeof aReport>[4]) => aReport(store, tenantId, stationId, 1, values);
    await report({});
    await report({ at: new Date('2026-11-25T11:01:00.000Z') });
    await report({ status: 'Faulted', errorCode: 'GroundFailure', info: 'wet' });
    await report({ status: 'Available' });
    const [connector] = await database.look<{ id: string }>(
      'select id from connectors where charging_station_id = $1',
      [stationId],
    );
    const connected = { connectorUuid: connector?.id, connectorNumber: 1, vendorErrorCode: null };
    const fault = { errorCode: 'GroundFailure', info: 'wet', status: 'Faulted' };
    const events = await told(5);
    expect(events).toEqual([
      [
        'connector.status',
        { ...connected, status: 'Available', errorCode: 'NoError', info: null, statusAt: instant },
      ],
      ['connector.status', { ...connected, ...fault, statusAt: instant }],
      ['error.opened', expect.objectContaining({ ...fault, startDate: instant, endDate: null })],
      [
        'connector.status',
        { ...connected, status: 'Available', errorCode: 'NoError', info: null, statusAt: instant },
      ],
      ['error.closed', expect.objectContaining({ ...fault, startDate: instant, endDate: instant })],
    ]);
  });

  it('tell of transactions', async () => {
    const { tenantId, stationId, told } = await aReader();
    const id = await aTransaction(store, tenantId, stationId, { driverToken: 'T' });
    const samples = [normalisedSample({ value: '1200' })];
    await aMeterValue(store, tenantId, stationId, { reportedId: id, samples });
    await aMeterValue(store, tenantId, stationId, { reportedId: id, samples });
    await store.stationFacts.record({
      kind: 'transaction_stopped',
      tenantId,
      chargingStationId: stationId,
      connectionId: newId(),
      reportedId: id,
      driverToken: undefined,
      meterStopWh: 3000,
      reason: 'Local',
      stoppedAt: now,
      receivedAt: now,
    });
    await aMeterValue(store, tenantId, stationId, {
      reportedId: id,
      samples: [normalisedSample({ value: '1' })],
    });
    const start = {
      transactionId: id,
      connectorNumber: 1,
      driverToken: 'T',
      authorizationStatus: 'Invalid',
      reservationId: null,
      startDate: instant,
      meterStartWh: 1000,
    };
    expect(await told(3)).toEqual([
      ['transaction.started', start],
      ['transaction.updated', { transactionId: id, connectorNumber: 1, measuredAt: instant, samples }],
      [
        'transaction.stopped',
        {
          ...start,
          endDate: instant,
          meterStopWh: 3000,
          energyWh: 2000,
          stopReason: 'Local',
          endedBy: 'station',
          flags: [],
        },
      ],
    ]);
  });

  it('tell of a transaction that the next one ended, and of one without a start', async () => {
    const { tenantId, stationId, told } = await aReader();
    await aTransaction(store, tenantId, stationId, { startedAt: new Date('2026-11-25T10:00:00.000Z') });
    await aTransaction(store, tenantId, stationId);
    await store.stationFacts.record({
      kind: 'transaction_stopped',
      tenantId,
      chargingStationId: stationId,
      connectionId: newId(),
      reportedId: 4711,
      driverToken: undefined,
      meterStopWh: 3000,
      reason: undefined,
      stoppedAt: now,
      receivedAt: now,
    });
    expect((await told(4)).map(([type, data]) => [type, (data as { endedBy?: string }).endedBy])).toEqual([
      ['transaction.started', undefined],
      ['transaction.stopped', 'next_start'],
      ['transaction.started', undefined],
      ['transaction.stopped', 'station'],
    ]);
  });

  it('tell of maintenance windows once, by the clock; and of one that is deleted while it lasts', async () => {
    const { tenantId, stationId, told } = await aReader();
    const [start, end] = [instant, '2026-11-25T12:00:00.000Z'];
    const insert = () =>
      store.maintenanceWindows.insert(tenantId, {
        chargingStationId: stationId,
        startsAt: start,
        endsAt: end,
        comment: 'Repair.',
        locksConnectors: true,
        createdAt: now,
      });
    const [id, deleted] = [Number(await insert()), await insert()];
    const after = new Date(end);
    await store.maintenanceMoments(new Date(now.getTime() - 1));
    expect(await written(tenantId)).toEqual([]);
    await Promise.all([store.maintenanceMoments(now), store.maintenanceMoments(now)]);
    await store.inTransaction((tables) =>
      tables.maintenanceWindows.delete(wholeTenant(tenantId), deleted, { ifUpdatedAt: undefined, now }),
    );
    await store.maintenanceMoments(after);
    const data = (of: number) => ({
      maintenanceWindowId: of,
      connectorId: null,
      comment: 'Repair.',
      startDate: start,
      endDate: end,
      lockConnectors: true,
    });
    const events = await told(4);
    expect(events).toEqual([
      ['maintenance_window.started', data(id)],
      ['maintenance_window.started', data(Number(deleted))],
      ['maintenance_window.ended', data(Number(deleted))],
      ['maintenance_window.ended', data(id)],
    ]);
  });
});

const finished = ({ tenantId, stationId }: Reader, n: number): Statement => ({
  text: eventInsert('command.finished', {
    from: '(select $1::uuid as tenant_id, $2::uuid as charging_station_id)',
    at: '$3::timestamptz',
    data: { n: '$4::int' },
  }),
  values: [tenantId, stationId, now, n],
});
const numbers = (events: [string, unknown][]) => events.map(([, data]) => (data as { n: number }).n);

describe('the order of events', () => {
  it('passes over none of a transaction that ends after one that began later', async () => {
    const reader = await aReader();
    const [hasWritten, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = session.inTransaction(async (within) => {
      await within.transaction([reader.tenantId], [finished(reader, 1)]);
      hasWritten.resolve();
      await ends.promise;
    });
    await hasWritten.promise;
    await session.transaction([reader.tenantId], [finished(reader, 2), finished(reader, 3)]);
    expect(await reader.told()).toEqual([]);
    ends.resolve();
    await slow;
    expect(numbers(await reader.told(3))).toEqual([1, 2, 3]);
  });

  it('has no gap and nothing twice, however many write at once', async () => {
    const reader = await aReader();
    const read: number[] = [];
    const writing = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; n < 50; n += 1) {
        await session.transaction([reader.tenantId], [finished(reader, writer * 1000 + n)]);
      }
    });
    const reading = (async () => {
      while (!writing.signal.aborted) read.push(...numbers(await reader.told()));
    })();
    await Promise.all(writers);
    writing.abort();
    await reading;
    read.push(...numbers(await reader.told(200 - read.length)));
    expect(read).toHaveLength(200);
    for (const writer of [0, 1, 2, 3]) {
      const its = read.filter((n) => Math.floor(n / 1000) === writer);
      expect(its).toEqual(Array.from({ length: 50 }, (_, n) => writer * 1000 + n));
    }
  });

  it('goes on behind what came with a dump from a server whose transactions have higher numbers', async () => {
    const reader = await aReader();
    await session.transaction([reader.tenantId], [finished(reader, 1)]);
    await database.look('update events set tx = tx + 1000000000');
    const reopened = await open();
    try {
      await session.transaction([reader.tenantId], [finished(reader, 2)]);
      expect(numbers(await reader.told(2))).toEqual([1, 2]);
    } finally {
      await reopened.close();
    }
  });
});
