// What reports leave of errors, however they come: one by one or many in a transaction.

import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorReported, StationReference } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await testDatabase();
  const log = pino({ level: 'silent' });
  store = await openStore({ connection: database.connection, log, newId, maxConnections: 3 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function aStation(): Promise<StationReference> {
  const tenant = await aTenant(store);
  const { id } = await aChargingStation(store, tenant.id);
  return { tenantId: tenant.id, chargingStationId: id, connectionId: newId() };
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));

type Told = {
  readonly station: 0 | 1;
  readonly connectorNumber: number;
  readonly status: string;
  readonly errorCode: string;
  readonly vendorErrorCode: string | undefined;
  readonly info: string | undefined;
  readonly second: number;
};

const reported = (of: StationReference, told: Omit<Told, 'station'>): ConnectorReported => ({
  ...of,
  kind: 'connector_reported',
  connectorNumber: told.connectorNumber,
  status: told.status,
  errorCode: told.errorCode,
  vendorErrorCode: told.vendorErrorCode,
  vendorId: undefined,
  info: told.info,
  at: at(told.second),
  receivedAt: at(told.second),
});

type Kept = {
  readonly station: number;
  readonly number: number;
  readonly code: string;
  readonly vendor: string | null;
  readonly status: string;
  readonly info: string | null;
  readonly started: number;
  readonly ended: number | null;
};

/** What must be there after the reports, worked out one by one. */
function errorsAfter(reports: readonly Told[]): Kept[] {
  const errors: Kept[] = [];
  for (const { station, connectorNumber: number, status, errorCode, second, ...told } of reports) {
    const [vendor, info] = [told.vendorErrorCode ?? null, told.info ?? null];
    const openAt = errors.findIndex(
      (each) => each.station === station && each.number === number && each.ended === null,
    );
    const open = errors[openAt];
    const isFaulty = errorCode !== 'NoError' || status === 'Faulted';
    if (open !== undefined && isFaulty && open.code === errorCode && open.vendor === vendor) {
      errors[openAt] = { ...open, status, info };
      continue;
    }
    if (open !== undefined) errors[openAt] = { ...open, ended: Math.max(open.started, second) };
    if (isFaulty) {
      errors.push({ station, number, code: errorCode, vendor, status, info, started: second, ended: null });
    }
  }
  return errors;
}

/** Of each connector, in the order in which they were opened. */
const inOrder = (errors: readonly Kept[]) =>
  errors.toSorted((one, other) => one.station - other.station || one.number - other.number);

const second = (instant: Date) => (instant.getTime() - at(0).getTime()) / 1000;

async function errorsOf(stations: readonly StationReference[]): Promise<Kept[]> {
  const ids = stations.map(({ chargingStationId }) => chargingStationId);
  const rows = await database.look<Omit<Kept, 'started' | 'ended'> & { started: Date; ended: Date | null }>(
    `select array_position($1::uuid[], charging_station_id) - 1 as station, connector_number as number,
            error_code as code, vendor_error_code as vendor, status, info, started_at as started, ended_at as ended
     from station_errors where charging_station_id = any ($1) order by id`,
    [ids],
  );
  return rows.map((row) => ({
    ...row,
    started: second(row.started),
    ended: row.ended === null ? null : second(row.ended),
  }));
}

describe('errors', () => {
  it(
    'are the same however reports are grouped, and whatever their clocks say',
    { timeout: 60_000 },
    async () => {
      const told = fc.record({
        station: fc.constantFrom(0 as const, 1 as const),
        connectorNumber: fc.constantFrom(0, 1),
        status: fc.constantFrom('Available', 'Faulted'),
        errorCode: fc.constantFrom('NoError', 'GroundFailure', 'OtherError'),
        vendorErrorCode: fc.constantFrom(undefined, undefined, 'E1'),
        info: fc.constantFrom(undefined, 'a', 'b'),
        second: fc.integer({ min: 0, max: 59 }),
      });
      let most = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(told, { maxLength: 12 }), { maxLength: 4 }), async (groups) => {
          const stations = [await aStation(), await aStation()] as const;
          for (const group of groups) {
            await Promise.all(
              group.map((each) => store.stationFacts.record(reported(stations[each.station], each))),
            );
          }
          const wanted = errorsAfter(groups.flat());
          most = Math.max(most, wanted.length);
          expect(inOrder(await errorsOf(stations))).toEqual(inOrder(wanted));
        }),
        { numRuns: 60 },
      );
      expect(most).toBeGreaterThan(5);
    },
  );

  it('keep their version while reports repeat them, and get another with every change', async () => {
    const station = await aStation();
    const versions = new Set<string>();
    const look = async () => {
      const [row] = await database.look<{ version: string }>(
        'select updated_at::text as version from station_errors where charging_station_id = $1',
        [station.chargingStationId],
      );
      versions.add(row?.version ?? '');
      return versions.size;
    };
    const told = {
      connectorNumber: 1,
      status: 'Faulted',
      errorCode: 'OtherError',
      vendorErrorCode: 'E1',
      info: 'a',
      second: 1,
    };
    const sizes: number[] = [];
    for (const change of [
      {},
      {},
      { info: 'b' },
      { second: 9, info: 'b' },
      { errorCode: 'NoError', status: 'Available' },
    ]) {
      await store.stationFacts.record(reported(station, { ...told, ...change }));
      sizes.push(await look());
    }
    expect(sizes).toEqual([1, 1, 2, 2, 3]);
  });

  it('of a deleted station are dropped without harm to the others', async () => {
    const station = await aStation();
    const told = {
      connectorNumber: 1,
      status: 'Faulted',
      errorCode: 'NoError',
      vendorErrorCode: undefined,
      info: undefined,
      second: 1,
    };
    await Promise.all([
      store.stationFacts.record(reported({ ...station, chargingStationId: newId() }, told)),
      store.stationFacts.record(reported(station, told)),
    ]);
    expect(await errorsOf([station])).toHaveLength(1);
  });

  it('end when we heard so, where the station’s clock has gone back before they started', async () => {
    const station = await aStation();
    const fault = { connectorNumber: 1, status: 'Faulted', errorCode: 'GroundFailure' };
    const told = { vendorErrorCode: undefined, info: undefined };
    await store.stationFacts.record(reported(station, { ...fault, ...told, second: 10 }));
    const cleared = { ...fault, status: 'Available', errorCode: 'NoError' };
    const back = reported(station, { ...cleared, ...told, second: -3600 });
    await store.stationFacts.record({ ...back, receivedAt: at(40) });
    expect(
      await database.look('select started_at, ended_at from station_errors where charging_station_id = $1', [
        station.chargingStationId,
      ]),
    ).toEqual([{ started_at: at(10), ended_at: at(40) }]);
  });
});
