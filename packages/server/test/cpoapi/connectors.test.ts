// How connectors come to be: by the API, from a station's model, and by a station's reports, which find what is there.

import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aConnector, aTenant } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, base, expectFaultsAt, expectRefused } from './caller.ts';
import type { Caller, List, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });
const now = '2026-11-25T12:00:00.000Z';

let tenantId: string;
let call: Caller;
let station: string;

beforeAll(async () => {
  tenantId = (await aTenant(app.store)).id;
  call = await aCaller(app, tenantId);
});

beforeAll(async () => {
  station = (await aChargingStation(app.store, tenantId)).id;
});

const make = {
  type: 'IEC_62196_T2',
  format: 'CABLE',
  powerType: 'AC_3_PHASE',
  maxVoltage: 400,
  maxAmperage: 32,
  maxPowerW: 22_000,
};
const nothing = {
  evseId: null,
  label: null,
  type: null,
  format: null,
  powerType: null,
  maxVoltage: null,
  maxAmperage: null,
  maxPowerW: null,
  status: null,
  errorCode: null,
  vendorErrorCode: null,
  info: null,
  statusAt: null,
  createdAt: now,
  updatedAt: now,
};

describe('a connector', () => {
  it.each(['/connectors', '/cp/STATION/connectors/', '/charging_stations/STATION/connectors/'])(
    'is created at %s, and deleted there',
    async (path) => {
      const { id } = await aChargingStation(app.store, tenantId);
      const at = path.replace('STATION', id);
      const answer = await call('POST', at, { cpUuid: id, connectorNumber: 2, label: 'Left', ...make });
      const { data } = answer.json<Single>();
      const location = `${app.origin}${base}${at.replace(/\/$/, '')}/${data.id}`;
      expect({ status: answer.status, location: answer.headers.location, body: answer.json() }).toEqual({
        status: 201,
        location,
        body: {
          data: {
            type: 'connectors',
            id: data.id,
            attributes: { ...nothing, cpId: id, connectorNumber: 2, evseNumber: 2, label: 'Left', ...make },
          },
          links: { self: location },
        },
      });
      expect((await call('DELETE', location)).status).toBe(204);
      expectRefused(await call('GET', `/connectors/${data.id}`), { code: 'not_found' });
    },
  );

  it('is the one that the station then reports', async () => {
    const { id } = await aChargingStation(app.store, tenantId);
    const { data } = (
      await call('POST', `/cp/${id}/connectors`, { connectorNumber: 1, label: 'Left' })
    ).json<Single>();
    expect(await aConnector(app.store, tenantId, id, 1)).toBe(data.id);
    const { attributes } = (await call('GET', `/connectors/${data.id}`)).json<Single>().data;
    expect(attributes).toMatchObject({ label: 'Left', status: 'Available' });
  });

  it('of a number that the station has is 409', async () => {
    await aConnector(app.store, tenantId, station, 7);
    const answer = await call('POST', `/cp/${station}/connectors`, { connectorNumber: 7 });
    expectRefused(answer, { code: 'conflict', source: { pointer: '/connectorNumber' } });
  });

  it.each([0, 1000, -1, '1', 1.5, null])('of the number %j is 422', async (connectorNumber) => {
    expectFaultsAt(await call('POST', `/cp/${station}/connectors`, { connectorNumber }), [
      '/connectorNumber',
    ]);
  });

  it('of a station that cannot be seen is 422 at its own path and 404 below the station', async () => {
    const company = await aCompany(app.store, tenantId);
    const bound = await aCaller(app, tenantId, {
      company: { companyId: company, withSubordinates: true },
    });
    for (const cpUuid of [station, newId()]) {
      expectRefused(await bound('POST', '/connectors', { cpUuid, connectorNumber: 9 }), {
        code: 'invalid_value',
        detail: 'There is no such charging station.',
        source: { pointer: '/cpUuid' },
      });
      expectRefused(await bound('POST', `/cp/${cpUuid}/connectors`, { connectorNumber: 9 }), {
        code: 'not_found',
      });
    }
  });

  it('keeps its station and number', async () => {
    const connector = await aConnector(app.store, tenantId, station, 3);
    const answer = await call('PATCH', `/connectors/${connector}`, { connectorNumber: 4, evseNumber: 2 });
    expect(answer.json<Single>().data.attributes).toMatchObject({
      cpId: station,
      connectorNumber: 3,
      evseNumber: 2,
    });
  });
});

describe('a charging station model', () => {
  it('gives its connectors to new stations', async () => {
    const connectors = [
      { connectorNumber: 1, ...make },
      { connectorNumber: 2, evseNumber: 1, type: 'CHADEMO' },
    ];
    const body = { vendor: 'Vendor', name: 'With connectors', connectors };
    const model = (await call('POST', '/charging_station_models', body)).json<Single>().data;
    const whole = { ...make, evseNumber: null };
    const unknown = Object.fromEntries(Object.keys(make).map((name) => [name, null]));
    expect(model.attributes['connectors']).toEqual([
      { connectorNumber: 1, ...whole },
      { connectorNumber: 2, ...unknown, evseNumber: 1, type: 'CHADEMO' },
    ]);

    const companyUuid = await aCompany(app.store, tenantId);
    const answer = await call('POST', '/charging_stations', {
      label: 'A',
      chargeBoxIdentity: 'of-a-model',
      modelId: Number(model.id),
      companyUuid,
      timeZone: 'Europe/Berlin',
    });
    const { id } = answer.json<Single>().data;
    const list = (await call('GET', `/cp/${id}/connectors/`)).json<List>();
    expect(list.data.map(({ attributes }) => attributes)).toEqual([
      { ...nothing, cpId: id, connectorNumber: 1, evseNumber: 1, ...make },
      { ...nothing, cpId: id, connectorNumber: 2, evseNumber: 1, type: 'CHADEMO' },
    ]);
  });

  it('names each connector once', async () => {
    const connectors = [{ connectorNumber: 1 }, { connectorNumber: 1, type: 'CHADEMO' }];
    const body = { vendor: 'Vendor', name: 'Twice', connectors };
    expectFaultsAt(await call('POST', '/charging_station_models', body), ['/connectors']);
  });

  it('tells each connector that is wrong', async () => {
    const connectors = [{ connectorNumber: 1, format: 'ROPE' }, { type: 'CHADEMO' }, 5];
    const body = { vendor: 'Vendor', name: 'Wrong', connectors };
    expectFaultsAt(await call('POST', '/charging_station_models', body), [
      '/connectors/0/format',
      '/connectors/1/connectorNumber',
      '/connectors/2',
    ]);
  });
});
