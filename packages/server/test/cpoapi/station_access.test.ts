// How a station must connect, as its attributes say: securityProfile, password, assumedSubprotocol.

import { beforeAll, describe, expect, it } from 'vitest';
import { aCompany, aTenant } from '../builders.ts';
import { testApp } from '../test_app.ts';
import { aCaller, expectFaultsAt } from './caller.ts';
import type { Caller, Single } from './caller.ts';

const app = testApp();
const password = '0123456789abcdef';

let slug: string;
let call: Caller;
let companyUuid: string;
beforeAll(async () => {
  const tenant = await aTenant(app.store);
  slug = tenant.slug;
  call = await aCaller(app, tenant.id);
  companyUuid = await aCompany(app.store, tenant.id);
});

let made = 0;
const station = (more: object) => ({
  label: 'Station',
  chargeBoxIdentity: `access_${(made += 1)}`,
  modelId: null,
  companyUuid,
  timeZone: null,
  ...more,
});
const accessOf = ({ data }: Single) => {
  const { securityProfile, hasPassword, assumedSubprotocol } = data.attributes;
  return { securityProfile, hasPassword, assumedSubprotocol };
};

describe('a new station', () => {
  it.each([
    [{}, { securityProfile: 0, hasPassword: false, assumedSubprotocol: null }],
    [{ password }, { securityProfile: 1, hasPassword: true, assumedSubprotocol: null }],
    [{ password: null }, { securityProfile: 0, hasPassword: false, assumedSubprotocol: null }],
    [
      { password, securityProfile: 2, assumedSubprotocol: 'ocpp1.6' },
      { securityProfile: 2, hasPassword: true, assumedSubprotocol: 'ocpp1.6' },
    ],
    [{ securityProfile: 3 }, { securityProfile: 3, hasPassword: false, assumedSubprotocol: null }],
  ])('with %j has the access %j', async (more, access) => {
    const answer = await call('POST', '/charging_stations', station(more));
    expect(answer.status, answer.text).toBe(201);
    expect(accessOf(answer.json<Single>())).toEqual(access);
    expect(answer.text).not.toContain(password);
  });

  it.each([
    [{ password: 'fifteen letters' }, '/password'],
    [{ password: 'x'.repeat(41) }, '/password'],
    [{ password: 'sixteen letters ü' }, '/password'],
    [{ securityProfile: 4 }, '/securityProfile'],
    [{ securityProfile: '1' }, '/securityProfile'],
    [{ assumedSubprotocol: 'ocpp1.5' }, '/assumedSubprotocol'],
  ])('with %j is refused', async (more, pointer) => {
    expectFaultsAt(await call('POST', '/charging_stations', station(more)), [pointer]);
  });

  it('is made once for an Idempotency-Key, and is another with another password', async () => {
    const headers = { 'idempotency-key': 'station-with-password' };
    const body = station({ password });
    const first = await call('POST', '/charging_stations', body, headers);
    const again = await call('POST', '/charging_stations', body, headers);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    const other = await call('POST', '/charging_stations', { ...body, password: `${password}!` }, headers);
    expect(other.json()).toMatchObject({ errors: [{ code: 'idempotency_key_reused' }] });
  });
});

describe('a station', () => {
  it('that gets a password needs it from then on, and without it again what its profile asks for', async () => {
    const { data } = (await call('POST', '/charging_stations', station({}))).json<Single>();
    const at = `/charging_stations/${data.id}`;
    const change = async (values: object) => accessOf((await call('PATCH', at, values)).json<Single>());
    const identity = String(data.attributes['chargeBoxIdentity']);
    const hash = async () => (await app.store.findStationAccess(slug, identity))?.station?.passwordHash;
    const assumedSubprotocol = null;
    expect(await change({ password })).toEqual({ securityProfile: 1, hasPassword: true, assumedSubprotocol });
    const first = await hash();
    expect(await change({ label: 'Another' })).toMatchObject({ hasPassword: true });
    expect(await hash()).toBe(first);
    expect(await change({ securityProfile: 2, password: `${password}!` })).toMatchObject({
      securityProfile: 2,
      hasPassword: true,
    });
    expect(await hash()).not.toBe(first);
    expect(await change({ password: null })).toMatchObject({ securityProfile: 2, hasPassword: false });
    expect(await change({ securityProfile: 0 })).toMatchObject({ securityProfile: 0, hasPassword: false });
  });
});
