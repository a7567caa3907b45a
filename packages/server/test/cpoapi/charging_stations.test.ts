import { ErrorDocument } from '@chargeyard/contract/json_api';
import {
  ChargingStation,
  ChargingStationAttributes,
  ChargingStationDocument,
  ChargingStationPage,
} from '@chargeyard/contract/resources/charging_stations';
import { Check } from 'typebox/value';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer, AskedRequest } from '../test_app.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const path = '/api/cpoapi/v1/charging_stations/';
const minuteMs = 60_000;

type Resource = { type: string; id: string; attributes: Record<string, unknown> };

let tenantId: string;
let companyId: string;
let authorization: string;
let booted: { id: string; identity: string };
let silent: { id: string; identity: string };

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  tenantId = tenant.id;
  companyId = await aCompany(app.store, tenantId);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenantId));
  booted = await aChargingStation(app.store, tenantId, {
    identity: 'cp_1',
    label: 'Station 1',
    companyId,
    password: 'sixteen characters or more',
  });
  silent = await aChargingStation(app.store, tenantId, { identity: 'cp_2', label: 'Süd "2" \\ \u2028' });
  const reference = { tenantId, chargingStationId: booted.id, connectionId: newId() };
  await app.store.stationFacts.record({
    ...reference,
    kind: 'connection_opened',
    at: new Date('2026-11-25T11:59:00.000Z'),
    node: 'test',
    ocppVersion: '1.6',
  });
  await app.store.stationFacts.record({
    ...reference,
    kind: 'booted',
    at: new Date('2026-11-25T11:59:30.250Z'),
    vendor: 'Has to be',
    model: 'Wallbox',
    serialNumber: '112233',
    firmwareVersion: 'htb.firmware.version',
    iccid: '12345',
    imsi: '567869',
  });
});

beforeEach(() => {
  clock.moveTo(start);
});

const ask = (at: string, request: AskedRequest = {}): Promise<Answer> =>
  app.ask(at, { ...request, headers: { authorization, ...request.headers } });

/** The first station as the API is to answer it. */
async function wantedBooted(): Promise<Resource> {
  const [row] = await app.database.look<{ created_at: Date; updated_at: Date }>(
    'select created_at, updated_at from charging_stations where id = $1',
    [booted.id],
  );
  return {
    type: 'charging_stations',
    id: booted.id,
    attributes: {
      label: 'Station 1',
      chargeBoxIdentity: 'cp_1',
      iccid: '12345',
      imsi: '567869',
      serialnumber: '112233',
      firmwareVersion: 'htb.firmware.version',
      publicDisplayName: null,
      modelId: null,
      companyUuid: companyId,
      locationUuid: null,
      timeZone: null,
      address: null,
      geolocation: null,
      technicianUserId: null,
      vendor: 'Has to be',
      model: 'Wallbox',
      ocppVersion: '1.6',
      securityProfile: 1,
      hasPassword: true,
      assumedSubprotocol: null,
      connectionStatus: 'online',
      lastSeenAt: '2026-11-25T11:59:00.000Z',
      lastRefusal: null,
      bootedAt: '2026-11-25T11:59:30.250Z',
      createdAt: row?.created_at.toISOString(),
      updatedAt: row?.updated_at.toISOString(),
    },
  };
}

describe('the list', () => {
  it('has the boot’s values under the documented names, and null for what is not known', async () => {
    const answer = await ask(`${path}?page%5Blimit%5D=1`);
    expect({ status: answer.status, type: answer.headers['content-type'], body: answer.json() }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: {
        data: [await wantedBooted()],
        meta: { pagination: { total: 2, offset: 0, limit: 1, lastPage: false } },
        links: {
          current: `${app.origin}${path}?page%5Blimit%5D=1&page%5Boffset%5D=0`,
          next: `${app.origin}${path}?page%5Blimit%5D=1&page%5Boffset%5D=1`,
          self: `${app.origin}${path}?page%5Blimit%5D=1&page%5Boffset%5D=0`,
          first: `${app.origin}${path}?page%5Blimit%5D=1&page%5Boffset%5D=0`,
          last: `${app.origin}${path}?page%5Blimit%5D=1&page%5Boffset%5D=1`,
        },
      },
    });
  });

  it('has members and attributes in the documented order, then in the contract’s', async () => {
    const answer = await ask(path);
    const page = answer.json<{ data: Resource[]; meta: { pagination: object }; links: object }>();
    expect(Object.keys(page)).toEqual(['data', 'meta', 'links']);
    expect(Object.keys(page.meta.pagination)).toEqual(['total', 'offset', 'limit', 'lastPage']);
    expect(Object.keys(page.links)[0]).toBe('current');
    for (const { attributes, ...resource } of page.data) {
      expect(Object.keys(resource)).toEqual(['type', 'id']);
      expect(Object.keys(attributes)).toEqual(Object.keys(ChargingStationAttributes.properties));
      expect(Object.keys(attributes).slice(0, 6)).toEqual([
        'label',
        'chargeBoxIdentity',
        'iccid',
        'imsi',
        'serialnumber',
        'firmwareVersion',
      ]);
    }
  });

  it('keeps to the contract’s schema', async () => {
    expect(Check(ChargingStationPage, (await ask(path)).json())).toBe(true);
  });

  it('has a station that was never heard, with every character of its label', async () => {
    const { data } = (await ask(`${path}?page[limit]=1&page[offset]=1`)).json<{ data: Resource[] }>();
    expect(data).toMatchObject([
      {
        id: silent.id,
        attributes: {
          label: 'Süd "2" \\ \u2028',
          chargeBoxIdentity: 'cp_2',
          iccid: null,
          imsi: null,
          serialnumber: null,
          firmwareVersion: null,
          ocppVersion: null,
          securityProfile: 0,
          hasPassword: false,
          assumedSubprotocol: null,
          connectionStatus: 'no_communication',
          lastSeenAt: null,
          lastRefusal: null,
          bootedAt: null,
        },
      },
    ]);
  });

  it('has no secret in it', async () => {
    expect((await ask(path)).text).not.toMatch(/sha256|password(?!":(true|false))/i);
  });

  it.each([
    ['online', 30 * minuteMs - 1],
    ['pending', 30 * minuteMs],
    ['pending', 60 * minuteMs - 1],
    ['offline', 60 * minuteMs],
  ])('shows %s after %i ms of silence', async (status, silence) => {
    clock.moveTo(new Date(Date.parse('2026-11-25T11:59:00.000Z') + silence));
    const { data } = (await ask(`${path}?page[limit]=1`)).json<{ data: Resource[] }>();
    expect(data[0]?.attributes['connectionStatus']).toBe(status);
  });

  it('is the same with and without a trailing slash, links included as asked', async () => {
    const withSlash = await ask(path);
    const without = await ask(path.slice(0, -1));
    expect(without.status).toBe(200);
    expect(without.text.replaceAll('charging_stations?', 'charging_stations/?')).toBe(withSlash.text);
  });

  it('answers HEAD like GET, without the body', async () => {
    const get = await ask(path);
    const head = await ask(path, { method: 'HEAD' });
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it.each(['application/json', 'application/vnd.api+json', 'application/x-www-form-urlencoded'])(
    'takes a GET with Content-Type %s, as every documented sample has one',
    async (contentType) => {
      expect((await ask(path, { headers: { 'content-type': contentType } })).status).toBe(200);
    },
  );
});

describe('the single station', () => {
  it.each(['', '/'])('is the same resource object as in the list (path ending in "%s")', async (ending) => {
    const answer = await ask(path + booted.id + ending);
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 200,
      body: {
        data: await wantedBooted(),
        links: { self: `${app.origin}${path}${booted.id}${ending}` },
      },
    });
    const { data } = (await ask(path)).json<{ data: Resource[] }>();
    expect(JSON.stringify(answer.json<{ data: Resource }>().data)).toBe(JSON.stringify(data[0]));
  });

  it('keeps to the contract’s schema', async () => {
    for (const { id } of [booted, silent]) {
      const document = (await ask(path + id)).json<{ data: unknown }>();
      expect(Check(ChargingStationDocument, document)).toBe(true);
      expect(Check(ChargingStation, document.data)).toBe(true);
    }
  });

  it('is found by its id in upper case', async () => {
    expect((await ask(path + booted.id.toUpperCase())).json()).toMatchObject({ data: { id: booted.id } });
  });

  it('takes no query parameters', async () => {
    const answer = await ask(`${path}${booted.id}?page[limit]=1`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      errors: [{ code: 'unknown_parameter', source: { parameter: 'page[limit]' } }],
    });
  });

  it('that does not exist, cannot exist or is another tenant’s is the same 404', async () => {
    const other = await aTenant(app.store);
    const foreign = await aChargingStation(app.store, other.id);
    for (const id of [newId(), foreign.id, 'cp_1', '1', 'x'.repeat(300), '%20', `${booted.id}0`]) {
      const answer = await ask(path + id);
      expect({ id, status: answer.status, body: answer.json() }).toEqual({
        id,
        status: 404,
        body: {
          errors: [
            {
              id: answer.headers['x-request-id'],
              status: '404',
              code: 'not_found',
              title: 'There is no such resource',
              detail: 'There is no such charging station.',
            },
          ],
        },
      });
      expect(Check(ErrorDocument, answer.json())).toBe(true);
    }
  });
});
