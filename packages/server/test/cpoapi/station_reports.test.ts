// station_reports: from a station's notifications to the API, and what is the same report again.

import { attributesSchema } from '@chargeyard/contract/resource';
import { stationReports as declaration } from '@chargeyard/contract/resources/station_reports';
import type { RPCClient } from 'ocpp-rpc';
import { Check } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { aChargingStation, aStationReport, aTenant } from '../builders.ts';
import { ocppClient } from '../ocpp_client.ts';
import { aClock, testApp } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller, List } from './caller.ts';

const now = '2026-11-25T12:00:00.000Z';
const app = testApp({ clock: aClock(new Date(now)) });
const list = '/station_reports';

type Place = { tenantId: string; slug: string; stationId: string; identity: string; ask: Caller };

async function aPlace(): Promise<Place> {
  const tenant = await aTenant(app.store);
  const { id: stationId, identity } = await aChargingStation(app.store, tenant.id);
  return { tenantId: tenant.id, slug: tenant.slug, stationId, identity, ask: await aCaller(app, tenant.id) };
}

const clients: RPCClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function aClient({ slug, identity }: Place): Promise<RPCClient> {
  const client = ocppClient({ endpoint: `ws://localhost:${app.port}/ocpp/${slug}`, identity });
  clients.push(client);
  await client.connect();
  return client;
}

const shownBy = async (ask: Caller, path: string) => (await ask('GET', path)).json<List>().data;

const attributes = {
  status: null,
  securityEvent: null,
  requestId: null,
  details: null,
  reason: null,
  reportedAt: now,
  receivedAt: now,
  createdAt: expect.any(String) as unknown,
  updatedAt: expect.any(String) as unknown,
};

describe('a station’s report of itself', () => {
  it.each<[string, object, object, object]>([
    ['FirmwareStatusNotification', { status: 'Installed' }, {}, { kind: 'firmware', status: 'Installed' }],
    [
      'SignedFirmwareStatusNotification',
      { status: 'InvalidSignature', requestId: 7 },
      {},
      { kind: 'signed_firmware', status: 'InvalidSignature', requestId: 7 },
    ],
    [
      'SignedFirmwareStatusNotification',
      { status: 'Idle', requestId: 2 ** 40 },
      {},
      { kind: 'signed_firmware', status: 'Idle' },
    ],
    [
      'DiagnosticsStatusNotification',
      { status: 'Uploaded' },
      {},
      { kind: 'diagnostics', status: 'Uploaded' },
    ],
    [
      'LogStatusNotification',
      { status: 'UploadFailure', requestId: 3 },
      {},
      { kind: 'log', status: 'UploadFailure', requestId: 3 },
    ],
    [
      'SecurityEventNotification',
      { type: 'TamperDetectionActivated', timestamp: '2026-11-25T12:59:00+01:00', techInfo: 'door' },
      {},
      {
        kind: 'security_event',
        securityEvent: 'TamperDetectionActivated',
        details: 'door',
        reportedAt: '2026-11-25T11:59:00.000Z',
      },
    ],
    [
      'SignCertificate',
      { csr: '-----BEGIN CERTIFICATE REQUEST-----' },
      { status: 'Rejected' },
      {
        kind: 'certificate_request',
        status: 'Rejected',
        details: '-----BEGIN CERTIFICATE REQUEST-----',
        reason: 'There is no certificate authority here.',
      },
    ],
  ])('by %s %j is answered %j and shown on every path', async (action, payload, answer, shown) => {
    const place = await aPlace();
    const client = await aClient(place);
    expect(await client.call(action, payload)).toEqual(answer);
    for (const path of [
      list,
      `/charging_stations/${place.stationId}${list}`,
      `/cp/${place.stationId}${list}`,
    ]) {
      const [report, ...others] = await shownBy(place.ask, path);
      expect(report?.attributes).toEqual({ ...attributes, cpId: place.stationId, ...shown });
      expect(Object.keys(report?.attributes ?? {})).toEqual(Object.keys(declaration.attributes));
      expect(Check(attributesSchema(declaration), report?.attributes)).toBe(true);
      expect(others).toEqual([]);
      const single = await place.ask('GET', `${path}/${report?.id}`);
      expect(single.json()).toEqual({
        data: report,
        links: { self: `${app.origin}/api/cpoapi/v1${path}/${report?.id}` },
      });
    }
  });

  it('cannot be written', async () => {
    const { ask } = await aPlace();
    expectRefused(await ask('POST', list, { kind: 'firmware' }), { code: 'method_not_allowed' });
  });
});

const at = (minute: number) => new Date(Date.parse(now) + minute * 60_000);

describe('the same report again', () => {
  it('is kept once while nothing else is said of the kind', async () => {
    const { tenantId, stationId, ask } = await aPlace();
    const tell = (minute: number, status: string, report: 'firmware' | 'diagnostics' = 'firmware') =>
      aStationReport(app.store, tenantId, stationId, { report, status, receivedAt: at(minute) });
    await tell(0, 'Downloading');
    await tell(1, 'Downloading');
    await tell(2, 'Uploading', 'diagnostics');
    // At once, so that one statement keeps them.
    await Promise.all([tell(3, 'Downloading'), tell(4, 'Downloaded'), tell(5, 'Downloaded')]);
    await Promise.all([tell(6, 'Downloaded'), tell(7, 'Downloading'), tell(8, 'Downloaded')]);
    const shown = await shownBy(ask, `${list}?sort=receivedAt`);
    expect(shown.map(({ attributes: { status, reportedAt } }) => [status, reportedAt])).toEqual([
      ['Downloading', at(0).toISOString()],
      ['Uploading', at(2).toISOString()],
      ['Downloaded', at(4).toISOString()],
      ['Downloading', at(7).toISOString()],
      ['Downloaded', at(8).toISOString()],
    ]);
  });

  it('of a security event is one of the same instant', async () => {
    const { tenantId, stationId, ask } = await aPlace();
    const tell = (minute: number, securityEvent: string, details?: string) =>
      aStationReport(app.store, tenantId, stationId, {
        report: 'security_event',
        status: undefined,
        securityEvent,
        details,
        toldAt: at(minute),
      });
    await tell(1, 'SettingSystemTime');
    await tell(2, 'StartupOfTheDevice');
    await tell(1, 'SettingSystemTime');
    await tell(1, 'SettingSystemTime', 'by NTP');
    await Promise.all([3, 4, 3].map((minute) => tell(minute, 'SettingSystemTime')));
    const shown = await shownBy(ask, list);
    expect(shown.map(({ attributes: { securityEvent, details } }) => [securityEvent, details])).toEqual([
      ['SettingSystemTime', null],
      ['StartupOfTheDevice', null],
      ['SettingSystemTime', 'by NTP'],
      ['SettingSystemTime', null],
      ['SettingSystemTime', null],
    ]);
  });

  it('of another station is another', async () => {
    const { tenantId, stationId, ask } = await aPlace();
    const { id: other } = await aChargingStation(app.store, tenantId);
    await Promise.all([stationId, other].map((id) => aStationReport(app.store, tenantId, id)));
    expect(await shownBy(ask, list)).toHaveLength(2);
    expect(await shownBy(ask, `${list}?filter[cpId]=${other}`)).toHaveLength(1);
  });
});

describe('filters', () => {
  it.each([
    ['filter[kind]=firmware,log', ['Downloading', 'Uploaded']],
    ['filter[kind]=security_event', [null]],
    ['filter[status]=Uploaded', ['Uploaded']],
    ['filter[requestId]=5', ['Uploaded']],
    ['filter[securityEvent]=StartupOfTheDevice', [null]],
    ['sort=-kind', [null, 'Uploaded', 'Downloading']],
    ['filter[updatedSince]=2091-01-01T00:00:00Z', []],
  ])('%s', async (query, statuses) => {
    const { tenantId, stationId, ask } = await aPlace();
    await aStationReport(app.store, tenantId, stationId);
    await aStationReport(app.store, tenantId, stationId, {
      report: 'log',
      status: 'Uploaded',
      requestId: 5,
    });
    await aStationReport(app.store, tenantId, stationId, {
      report: 'security_event',
      status: undefined,
      securityEvent: 'StartupOfTheDevice',
      toldAt: new Date(now),
    });
    const shown = await shownBy(ask, `${list}?${query}`);
    expect(shown.map(({ attributes: { status } }) => status)).toEqual(statuses);
  });
});
