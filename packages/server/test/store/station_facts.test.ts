import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/domain/index.ts';
import type { StationReference } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;
let station: StationReference;

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));
const opened = (of: StationReference, second: number) =>
  ({ ...of, kind: 'connection_opened', at: at(second), node: 'test', ocppVersion: '1.6' }) as const;
const closed = (of: StationReference, second: number) =>
  ({ ...of, kind: 'connection_closed', at: at(second) }) as const;
const booted = (
  of: StationReference,
  values: Partial<Record<'serialNumber' | 'iccid' | 'firmwareVersion', string>>,
) =>
  ({
    ...of,
    kind: 'booted',
    at: at(5),
    vendor: 'Vendor',
    model: 'Model',
    imsi: undefined,
    serialNumber: values.serialNumber,
    iccid: values.iccid,
    firmwareVersion: values.firmwareVersion,
  }) as const;
const reported = (of: StationReference, connectorNumber: number, status: string) =>
  ({
    ...of,
    kind: 'connector_reported',
    connectorNumber,
    status,
    errorCode: 'NoError',
    vendorErrorCode: undefined,
    vendorId: undefined,
    info: undefined,
    at: at(6),
    receivedAt: at(6),
  }) as const;

const versions = (created: number, updated: number) => ({ created_at: at(created), updated_at: at(updated) });

const versionsOf = async (table: 'connectors' | 'station_errors', of: StationReference) =>
  database.look<{ created_at: Date; updated_at: Date }>(
    `select created_at, updated_at from ${table} where charging_station_id = $1 order by id`,
    [of.chargingStationId],
  );

const connectionOf = async (of: StationReference) => {
  const [row] = await database.look<{
    connection_id: string | null;
    closed_at: Date | null;
    last_seen_at: Date;
  }>(
    'select connection_id, closed_at, last_seen_at from station_connections where charging_station_id = $1',
    [of.chargingStationId],
  );
  return row;
};

const connectorStatuses = (of: StationReference) =>
  database.look('select status from connectors where charging_station_id = $1', [of.chargingStationId]);

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: 'silent' });
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 3 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});
beforeEach(async () => {
  station = await aStation();
});

async function aStation(): Promise<StationReference> {
  const tenant = await aTenant(store);
  const { id } = await aChargingStation(store, tenant.id);
  return { tenantId: tenant.id, chargingStationId: id, connectionId: newId() };
}

describe('station facts', () => {
  it('are in the database when record resolves', async () => {
    await store.stationFacts.record(booted(station, { serialNumber: '4711' }));
    const rows = await database.look('select vendor, serial_number from charging_stations where id = $1', [
      station.chargingStationId,
    ]);
    expect(rows).toEqual([{ vendor: 'Vendor', serial_number: '4711' }]);
  });

  it('of many tenants can share a commit', async () => {
    const stations = await Promise.all(Array.from({ length: 20 }, aStation));
    await Promise.all(
      stations.map((one) => store.stationFacts.record(booted(one, { serialNumber: one.tenantId }))),
    );
    const rows = await database.look<{ serial_number: string }>(
      'select serial_number from charging_stations where id = any($1) order by serial_number',
      [stations.map(({ chargingStationId }) => chargingStationId)],
    );
    expect(rows.map((row) => row.serial_number)).toEqual(stations.map(({ tenantId }) => tenantId).toSorted());
  });

  it('dates connectors and errors by when they were heard', async () => {
    const fault = (second: number, errorCode: string) => ({
      ...reported(station, 1, 'Faulted'),
      errorCode,
      at: at(second),
      receivedAt: at(second + 1),
    });
    await store.stationFacts.record(fault(10, 'GroundFailure'));
    await store.stationFacts.record(fault(20, 'HighTemperature'));
    expect(await versionsOf('connectors', station)).toEqual([versions(11, 21)]);
    expect(await versionsOf('station_errors', station)).toEqual([versions(11, 21), versions(21, 21)]);
  });

  it('of one station are applied in order, also within one commit', async () => {
    const statuses = ['Available', 'Preparing', 'Charging', 'Faulted', 'Finishing'];
    await Promise.all(statuses.map((status) => store.stationFacts.record(reported(station, 1, status))));
    const rows = await database.look('select number, status from connectors where charging_station_id = $1', [
      station.chargingStationId,
    ]);
    expect(rows).toEqual([{ number: 1, status: 'Finishing' }]);
  });

  it('of a boot leave what the station did not send as it was', async () => {
    await store.stationFacts.record(booted(station, { serialNumber: '1', iccid: '2' }));
    await Promise.all([
      store.stationFacts.record(booted(station, { firmwareVersion: '3' })),
      store.stationFacts.record(booted(station, { iccid: '4' })),
    ]);
    const rows = await database.look(
      'select serial_number, iccid, firmware_version, imsi from charging_stations where id = $1',
      [station.chargingStationId],
    );
    expect(rows).toEqual([{ serial_number: '1', iccid: '4', firmware_version: '3', imsi: null }]);
  });

  it('of a late close do not touch the connection that replaced it', async () => {
    const newer = { ...station, connectionId: newId() };
    await store.stationFacts.record(opened(station, 0));
    await store.stationFacts.record(opened(newer, 1));
    await store.stationFacts.record(closed(station, 2));
    expect(await connectionOf(station)).toMatchObject({ connection_id: newer.connectionId, closed_at: null });
    await store.stationFacts.record(closed(newer, 3));
    expect(await connectionOf(station)).toMatchObject({ connection_id: null, closed_at: at(3) });
  });

  it('of a close and the next opening come out right in any interleaving within one commit', async () => {
    const newer = { ...station, connectionId: newId() };
    await Promise.all(
      [opened(station, 0), closed(station, 1), opened(newer, 2)].map((fact) =>
        store.stationFacts.record(fact),
      ),
    );
    expect(await connectionOf(station)).toMatchObject({ connection_id: newer.connectionId });
  });

  it('of a deleted station are dropped without harm to the others', async () => {
    const deleted = { ...station, chargingStationId: newId() };
    await Promise.all([
      store.stationFacts.record(opened(deleted, 0)),
      store.stationFacts.record(reported(deleted, 1, 'Available')),
      store.stationFacts.record(booted(station, { serialNumber: 'still here' })),
    ]);
    const rows = await database.look('select serial_number from charging_stations where id = $1', [
      station.chargingStationId,
    ]);
    expect(rows).toEqual([{ serial_number: 'still here' }]);
  });

  it('that PostgreSQL cannot store fail alone', async () => {
    const other = await aStation();
    const [bad, good] = await Promise.allSettled([
      store.stationFacts.record(booted(station, { serialNumber: 'nul \0 byte' })),
      store.stationFacts.record(booted(other, { serialNumber: 'fine' })),
    ]);
    expect([bad?.status, good?.status]).toEqual(['rejected', 'fulfilled']);
    const rows = await database.look('select serial_number from charging_stations where id = $1', [
      other.chargingStationId,
    ]);
    expect(rows).toEqual([{ serial_number: 'fine' }]);
  });

  it('are refused or kept while connections break, and never end the process', async () => {
    const log = pino({ level: 'silent' });
    const breaking = await openStore({ connection: database.connection, log, newId, maxConnections: 3 });
    const stations = await Promise.all(Array.from({ length: 5 }, aStation));
    const breakings = { areOver: false };
    let kept = 0;
    const talking = stations.map(async (one) => {
      while (!breakings.areOver) {
        const wasKept = await breaking.stationFacts.record(booted(one, { serialNumber: 'x' })).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(Unavailable);
            return false;
          },
        );
        if (wasKept) kept += 1;
        await breaking.isReachable();
      }
    });
    for (let round = 0; round < 10; round += 1) {
      await database.look(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    }
    breakings.areOver = true;
    await Promise.all(talking);
    await breaking.stationFacts.record(booted(station, { serialNumber: 'after' }));
    await breaking.close();
    expect(kept).toBeGreaterThan(0);
  });

  it('of a close that could not be written are written as soon as that works', async () => {
    await store.stationFacts.record(opened(station, 0));
    await database.look(`alter table station_connections rename to station_connections_away`);
    await expect(store.stationFacts.record(closed(station, 1))).rejects.toThrow('does not exist');
    await database.look(`alter table station_connections_away rename to station_connections`);
    await store.stationFacts.record(booted(await aStation(), {}));
    expect(await connectionOf(station)).toMatchObject({ connection_id: null, closed_at: at(1) });
  });

  it('of when a station was seen are written when the store closes', async () => {
    const log = pino({ level: 'silent' });
    const another = await openStore({ connection: database.connection, log, newId, maxConnections: 2 });
    await another.stationFacts.record(opened(station, 0));
    another.stationFacts.noteSeen(station, at(40));
    await another.close();
    expect(await connectionOf(station)).toMatchObject({ last_seen_at: at(40) });
  });

  it('of a station’s state count no more once it has a newer connection at another process', async () => {
    const [newer, other] = [{ ...station, connectionId: newId() }, await aStation()];
    const id = station.chargingStationId;
    await store.stationFacts.record(opened(station, 0));
    await store.stationFacts.record(reported(station, 1, 'Available'));
    await store.stationFacts.record({ ...opened(newer, 1), node: 'elsewhere' });
    const late = [booted(station, { serialNumber: 'late' }), reported(station, 1, 'Faulted')] as const;
    const results = await Promise.allSettled([
      ...late.map((fact) => store.stationFacts.record(fact)),
      store.stationFacts.record(booted(other, { serialNumber: 'another station' })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(results[0]).toMatchObject({ reason: expect.any(Unavailable) });
    expect(await database.look('select serial_number from charging_stations where id = $1', [id])).toEqual([
      { serial_number: null },
    ]);
    expect(await connectorStatuses(station)).toEqual([{ status: 'Available' }]);
    await store.stationFacts.record(reported(newer, 1, 'Charging'));
    expect(await connectorStatuses(station)).toEqual([{ status: 'Charging' }]);
  });

  it('of a station’s state count that came just before its newer connection at the same process', async () => {
    const newer = { ...station, connectionId: newId() };
    await store.stationFacts.record(opened(station, 0));
    await Promise.all([
      store.stationFacts.record(reported(station, 1, 'Preparing')),
      store.stationFacts.record(opened(newer, 1)),
    ]);
    expect(await connectorStatuses(station)).toEqual([{ status: 'Preparing' }]);
  });
});

describe('two stops at once that name no transaction', () => {
  it('do not both end the same one', async () => {
    const driverToken = 'TOKEN';
    await store.stationFacts.record({
      ...station,
      kind: 'transaction_started',
      connectorNumber: 1,
      driverToken,
      meterStartWh: 0,
      reservationId: undefined,
      startedAt: at(1),
      receivedAt: at(1),
    });
    const stop = {
      ...station,
      kind: 'transaction_stopped',
      reportedId: -1,
      driverToken,
      reason: 'Local',
    } as const;
    await Promise.all(
      [2, 3].map((second) =>
        store.stationFacts.record({
          ...stop,
          meterStopWh: second * 1000,
          stoppedAt: at(second),
          receivedAt: at(second),
        }),
      ),
    );
    const kept = await database.look<{ meter: string; flags: string[] }>(
      'select meter_stop_wh as meter, flags from transactions where charging_station_id = $1 order by id',
      [station.chargingStationId],
    );
    expect(kept).toEqual([
      { meter: '2000', flags: ['stop_matched'] },
      { meter: '3000', flags: ['without_start'] },
    ]);
  });
});
