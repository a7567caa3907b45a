// Who may connect as a charging station, to the whole server: over TCP and TLS, with passwords and certificates, behind
// proxies and without.

import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hashedStationPassword, wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aTenant, aWaitingChargingStation } from '../builders.ts';
import { testAuthority } from '../certificates.ts';
import type { Certificate } from '../certificates.ts';
import { aCaller, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { aSignedIn } from '../settings/signed_in.ts';
import { aClock, testApp } from '../test_app.ts';
import type { TestApp } from '../test_app.ts';
import { basic, handshakeHeaders } from './test_gateway.ts';

const authority = testAuthority();
const server = authority.signs('/CN=localhost');
const tls = {
  certificateFile: server.certificateFile,
  keyFile: server.keyFile,
  clientCaFile: authority.certificateFile,
  port: 0,
};
const clock = aClock();
const app = testApp({ tls, clock });
const behindProxy = testApp({
  clock,
  trustedProxies: ['127.0.0.0/8'],
  clientCertificateHeader: 'X-Client-Cert',
});

type Knock = {
  readonly to?: TestApp;
  readonly identity: string;
  readonly slug?: string;
  readonly overTls?: boolean;
  readonly certificate?: Certificate | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>>;
};
type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly reason: string };

/** Sends one handshake, and leaves again. */
async function knock({ to = app, slug = tenant.slug, ...about }: Knock): Promise<Answer> {
  const { identity, overTls = false, certificate, headers = {} } = about;
  const all = { ...handshakeHeaders, Host: 'localhost', ...headers };
  const options = {
    host: '127.0.0.1',
    path: `/ocpp/${slug}/${identity}`,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  } as const;
  return await new Promise((resolve, reject) => {
    const request = overTls
      ? httpsRequest({
          ...options,
          port: to.tlsPort,
          ca: authority.cert,
          servername: 'localhost',
          cert: certificate?.cert,
          key: certificate?.key,
          agent: false,
        })
      : httpRequest({ ...options, port: to.port });
    request.on('error', reject);
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: response.headers, reason: '' });
    });
    request.on('response', (response) => {
      let reason = '';
      response.setEncoding('utf8').on('data', (text: string) => (reason += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, reason }),
      );
    });
    request.end();
  });
}

const own = 'the-password-of-one';
const shared = 'the-password-of-all';

let tenant: { id: string; slug: string };
let stranger: { id: string; slug: string };
let call: Caller;

/** Adds one of the tenant's OCPP passwords; answers its id. */
async function anOcppPassword(tenantId: string, password: string, to = app): Promise<string> {
  const id = newId();
  const passwordHash = hashedStationPassword(password);
  await to.store.ocppPasswords.insert(tenantId, {
    id,
    name: 'Stations',
    passwordHash,
    createdAt: new Date(),
  });
  return id;
}

beforeAll(async () => {
  tenant = await aTenant(app.store);
  stranger = await aTenant(app.store);
  call = await aCaller(app, tenant.id);
  await anOcppPassword(tenant.id, shared);
});

type Profile = 0 | 1 | 2 | 3;

async function aStation(
  securityProfile: Profile,
  options: { password?: string; assumedSubprotocol?: string; tenantId?: string; to?: TestApp } = {},
): Promise<{ id: string; identity: string }> {
  const { tenantId = tenant.id, to = app, assumedSubprotocol, ...rest } = options;
  const station = await aChargingStation(to.store, tenantId, rest);
  const values = { securityProfile, assumedSubprotocol: assumedSubprotocol ?? null };
  const change = { id: station.id, values, ifUpdatedAt: undefined, now: new Date() };
  await to.store.chargingStations.update(wholeTenant(tenantId), change);
  return station;
}

const withBasic = (user: string, password: string) => ({ Authorization: basic(user, password) });
const lastRefusalOf = async (id: string) => {
  await app.store.refusedStations.write();
  return (await call('GET', `/charging_stations/${id}`)).json<Single>().data.attributes['lastRefusal'];
};

describe('a security profile', () => {
  type Row = [
    profile: Profile,
    hasOwn: boolean,
    over: 'ws' | 'wss',
    sent: string | undefined,
    status: number,
  ];
  const rows: Row[] = [
    [0, false, 'ws', undefined, 101],
    [0, false, 'wss', undefined, 101],
    [0, false, 'ws', 'anything at all', 101],
    [0, true, 'ws', undefined, 401],
    [0, true, 'ws', own, 101],
    [1, true, 'ws', undefined, 401],
    [1, true, 'ws', 'a-wrong-password', 401],
    [1, true, 'ws', own, 101],
    [1, true, 'wss', own, 101],
    // The tenant's is not for stations that have their own.
    [1, true, 'ws', shared, 401],
    [1, false, 'ws', undefined, 401],
    [1, false, 'ws', own, 401],
    [1, false, 'ws', shared, 101],
    [2, true, 'ws', own, 403],
    [2, true, 'wss', own, 101],
    [2, true, 'wss', undefined, 401],
    [2, false, 'wss', shared, 101],
    [2, false, 'ws', shared, 403],
    [3, true, 'ws', own, 403],
    [3, true, 'wss', own, 403],
  ];
  it.each(rows)('%i, password of its own %s: %s with the password %s is %i', async (...row) => {
    const [profile, hasOwn, over, sent, status] = row;
    const { identity } = await aStation(profile, hasOwn ? { password: own } : {});
    const headers = sent === undefined ? {} : withBasic(identity, sent);
    expect(await knock({ identity, overTls: over === 'wss', headers })).toMatchObject({ status });
  });

  it.each([
    ['the tenant', () => tenant.slug, 101],
    ['another tenant', () => stranger.slug, 401],
    ['nobody', () => '', 401],
  ])('takes the tenant’s password with the name of %s as it should', async (_whose, user, status) => {
    const { identity } = await aStation(1);
    expect(await knock({ identity, headers: withBasic(user(), shared) })).toMatchObject({ status });
  });

  it('takes none of another tenant’s passwords, and knows no other tenant’s station', async () => {
    await anOcppPassword(stranger.id, 'the-password-of-strangers');
    const theirs = await aStation(1, { tenantId: stranger.id });
    const ours = await aStation(1);
    const headers = (identity: string) => withBasic(identity, 'the-password-of-strangers');
    expect(await knock({ ...theirs, slug: stranger.slug, headers: headers(theirs.identity) })).toMatchObject({
      status: 101,
    });
    expect(await knock({ ...ours, headers: headers(ours.identity) })).toMatchObject({ status: 401 });
    expect(await knock({ ...theirs, headers: withBasic(theirs.identity, shared) })).toMatchObject({
      status: 404,
    });
  });

  it('takes each of several passwords of the tenant, until it is deleted', async () => {
    const { identity } = await aStation(1);
    const { call: owner } = await aSignedIn(app, tenant);
    const made = await owner('POST', '/ocpp_passwords', { name: 'Next year' });
    expect(made.status, made.text).toBe(201);
    const { data, meta } = made.json<Single & { meta: { password: string } }>();
    expect(meta.password).toMatch(/^[0-9a-f]{40}$/);
    const knocks = async () =>
      await Promise.all(
        [shared, meta.password].map(
          async (password) => (await knock({ identity, headers: withBasic(identity, password) })).status,
        ),
      );
    expect(await knocks()).toEqual([101, 101]);
    expect((await owner('DELETE', `/ocpp_passwords/${data.id}`)).status).toBe(204);
    expect(await knocks()).toEqual([101, 401]);
  });

  it.each([
    ['its digits', Buffer.from('00FF112233445566778899aabbccddeeff001122')],
    ['its digits in small letters', Buffer.from('00ff112233445566778899aabbccddeeff001122')],
    ['the bytes that they stand for', Buffer.from('00FF112233445566778899aabbccddeeff001122', 'hex')],
  ])('takes a hexadecimal password as %s', async (_what, sent) => {
    const { identity } = await aStation(1, { password: '00FF112233445566778899aabbccddeeff001122' });
    const text = Buffer.concat([Buffer.from(`${identity}:`), sent]).toString('base64');
    expect(await knock({ identity, headers: { Authorization: `Basic ${text}` } })).toMatchObject({
      status: 101,
    });
  });
});

describe('security profile 3', () => {
  const other = testAuthority();

  it.each([
    ['its own', (identity: string) => authority.signs(`/O=Operator/CN=${identity}`), 101, ''],
    ['none', () => undefined, 403, /needs a client certificate/],
    ['another station’s', () => authority.signs('/CN=another'), 403, /is of "another"/],
    ['one of an unknown authority', (identity: string) => other.signs(`/CN=${identity}`), 403, /trusts/],
    [
      'one with two names',
      (identity: string) => authority.signs(`/CN=another/CN=${identity}`),
      403,
      /no common name \(CN\), or several/,
    ],
  ])('with %s as certificate', async (_whose, certificateFor, status, reason) => {
    const { id, identity } = await aStation(3);
    const answer = await knock({ identity, overTls: true, certificate: certificateFor(identity) });
    expect(answer).toMatchObject({ status, reason: expect.stringMatching(reason) });
    const refusal = {
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      reason: expect.stringMatching(reason) as string,
      address: '127.0.0.1',
    };
    expect(await lastRefusalOf(id)).toEqual(status === 101 ? null : refusal);
  });

  it('is not passed by a certificate in a header that nobody trusted has sent', async () => {
    const { identity } = await aStation(3);
    const { cert } = authority.signs(`/CN=${identity}`);
    const headers = {
      'X-Forwarded-Proto': 'https',
      'X-Client-Cert': encodeURIComponent(cert),
      'X-Forwarded-Client-Cert': `Subject="CN=${identity}"`,
    };
    for (const overTls of [false, true]) {
      expect(await knock({ identity, overTls, headers })).toMatchObject({ status: 403 });
    }
  });
});

describe('behind a trusted proxy', () => {
  it.each([
    [2, {}, 403],
    [2, { 'X-Forwarded-Proto': 'https' }, 101],
    [2, { 'X-Forwarded-Proto': 'http' }, 403],
    [3, { 'X-Forwarded-Proto': 'https' }, 403],
    [3, { 'X-Forwarded-Proto': 'https', 'X-Client-Cert': 'CN=another' }, 403],
    [3, { 'X-Forwarded-Proto': 'https', 'X-Client-Cert': 'CN=IDENTITY,O=Operator' }, 101],
    [3, { 'X-Client-Cert': 'CN=IDENTITY' }, 403],
    [3, { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Client-Cert': 'Subject="CN=IDENTITY"' }, 403],
  ] as [Profile, Record<string, string>, number][])(
    'profile %i with %j is %i',
    async (profile, headers, status) => {
      const { store } = behindProxy;
      const place = await aTenant(store);
      const station = await aStation(profile, { password: own, tenantId: place.id, to: behindProxy });
      const { identity } = station;
      const sent = Object.entries({ ...headers, ...withBasic(identity, own) });
      const answer = await knock({
        to: behindProxy,
        identity,
        slug: place.slug,
        headers: Object.fromEntries(sent.map(([name, text]) => [name, text.replace('IDENTITY', identity)])),
      });
      expect(answer).toMatchObject({ status });
    },
  );

  it('tells the operator the address that was forwarded', async () => {
    const { store } = behindProxy;
    const place = await aTenant(store);
    const headers = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9' };
    expect(await knock({ to: behindProxy, identity: 'new', slug: place.slug, headers })).toMatchObject({
      status: 404,
    });
    await store.refusedStations.write();
    const reader = await aCaller(behindProxy, place.id);
    expect((await reader('GET', '/waiting_charging_stations')).json()).toMatchObject({
      data: [{ attributes: { chargeBoxIdentity: 'new', address: '203.0.113.9' } }],
    });
  });
});

async function waitingIn(of: { id: string }): Promise<List['data']> {
  await app.store.refusedStations.write();
  const reader = of.id === tenant.id ? call : await aCaller(app, of.id);
  return (await reader('GET', '/waiting_charging_stations')).json<List>().data;
}

describe('the waiting room', () => {
  it('notes an identity that nobody created, at its own tenant, and lets nobody in', async () => {
    const place = await aTenant(app.store);
    for (const subprotocol of ['ocpp1.6', 'ocpp2.0.1, odd']) {
      const headers = { 'Sec-WebSocket-Protocol': subprotocol };
      expect(await knock({ identity: 'new_1', slug: place.slug, headers })).toMatchObject({ status: 404 });
    }
    const [waiting, ...others] = await waitingIn(place);
    const now = clock.now().toISOString();
    expect(waiting?.attributes).toEqual({
      chargeBoxIdentity: 'new_1',
      address: '127.0.0.1',
      subprotocols: ['ocpp2.0.1', 'odd'],
      attempts: 2,
      lastAttemptAt: now,
      createdAt: now,
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(others).toEqual([]);
    expect(await waitingIn(stranger)).toEqual([]);
  });

  it('notes nothing of who names no tenant, or an identity of no form', async () => {
    const { identity } = await aStation(0);
    await knock({ identity, slug: 'nowhere' });
    await knock({ identity: 'a%20b', slug: stranger.slug });
    await knock({ identity: 'x'.repeat(49), slug: stranger.slug });
    expect(await waitingIn(stranger)).toEqual([]);
  });

  it('is left by acceptance: the station is created, and let in', async () => {
    const place = await aTenant(app.store);
    const reader = await aCaller(app, place.id);
    await knock({ identity: 'new_2', slug: place.slug });
    const [waiting] = await waitingIn(place);
    const accepted = await reader('POST', `/waiting_charging_stations/${waiting?.id}/accept`);
    expect(accepted.status, accepted.text).toBe(200);
    const { data, links } = accepted.json<Single>();
    expect(data.attributes).toMatchObject({
      label: 'new_2',
      chargeBoxIdentity: 'new_2',
      securityProfile: 0,
      companyUuid: null,
    });
    expect((await reader('GET', links.self)).json<Single>().data).toEqual(data);
    expect(await waitingIn(place)).toEqual([]);
    expect(await knock({ identity: 'new_2', slug: place.slug })).toMatchObject({ status: 101 });
    expectRefused(await reader('POST', `/waiting_charging_stations/${waiting?.id}/accept`), {
      code: 'not_found',
    });
  });

  it('is left with a password of the tenant to be sent, where there is one', async () => {
    const waiting = await aWaitingChargingStation(app.store, tenant.id);
    const accepted = await call('POST', `/waiting_charging_stations/${waiting.id}/accept`);
    expect(accepted.json<Single>().data.attributes).toMatchObject({ securityProfile: 1, hasPassword: false });
    expect(await knock(waiting)).toMatchObject({ status: 401 });
    expect(await knock({ ...waiting, headers: withBasic(tenant.slug, shared) })).toMatchObject({
      status: 101,
    });
  });

  it('is left by whoever is accepted twice at once with one station', async () => {
    const waiting = await aWaitingChargingStation(app.store, tenant.id);
    const at = `/waiting_charging_stations/${waiting.id}/accept`;
    const answers = await Promise.all([call('POST', at), call('POST', at)]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect([
      [200, 404],
      [200, 409],
    ]).toContainEqual(statuses);
  });

  it('is left by a station that is created with the identity, or gets it', async () => {
    const place = await aTenant(app.store);
    await aWaitingChargingStation(app.store, place.id, { identity: 'new_3' });
    await aWaitingChargingStation(app.store, place.id, { identity: 'new_4' });
    await aChargingStation(app.store, place.id, { identity: 'new_3' });
    const station = await aChargingStation(app.store, place.id);
    const reader = await aCaller(app, place.id);
    await reader('PATCH', `/charging_stations/${station.id}`, { chargeBoxIdentity: 'new_4' });
    expect(await waitingIn(place)).toEqual([]);
  });

  it('is left by dismissal, until the next attempt', async () => {
    const place = await aTenant(app.store);
    const reader = await aCaller(app, place.id);
    await knock({ identity: 'new_5', slug: place.slug });
    const [waiting] = await waitingIn(place);
    expect((await reader('DELETE', `/waiting_charging_stations/${waiting?.id}`)).status).toBe(204);
    expect(await waitingIn(place)).toEqual([]);
    await knock({ identity: 'new_5', slug: place.slug });
    expect(await waitingIn(place)).toMatchObject([{ attributes: { attempts: 1 } }]);
  });
});

async function anOpenTenant() {
  const place = await aTenant(app.store);
  const { call: owner } = await aSignedIn(app, place);
  const changed = await owner('PATCH', '/tenant', { unknownChargingStations: 'accept' });
  expect(changed.json<Single>().data.attributes).toMatchObject({ unknownChargingStations: 'accept' });
  return place;
}

describe('a tenant that accepts all', () => {
  it('gets a station of no company for each identity that comes, once', async () => {
    const place = await anOpenTenant();
    const knocks = await Promise.all(
      ['new_1', 'new_1', 'new_1', 'new_2'].map((identity) => knock({ identity, slug: place.slug })),
    );
    expect(knocks.map(({ status }) => status)).toEqual([101, 101, 101, 101]);
    const { data } = (await (await aCaller(app, place.id))('GET', '/charging_stations')).json<List>();
    const stations = data.map(({ attributes }) => [
      attributes['chargeBoxIdentity'],
      attributes['companyUuid'],
      attributes['securityProfile'],
    ]);
    expect(stations.toSorted()).toEqual([
      ['new_1', null, 0],
      ['new_2', null, 0],
    ]);
  });

  it('gets a hundred a minute at most from those who need no password', async () => {
    const place = await anOpenTenant();
    const statuses = [];
    for (let n = 0; n < 101; n += 1) {
      statuses.push((await knock({ identity: `many_${n}`, slug: place.slug })).status);
    }
    expect(statuses).toEqual([...Array<number>(100).fill(101), 503]);
    expect((await knock({ identity: 'many_0', slug: place.slug })).status).toBe(101);
    clock.moveBy(60_000);
    expect((await knock({ identity: 'many_100', slug: place.slug })).status).toBe(101);
  });

  it('lets in only who sends one of its passwords, where it has some', async () => {
    const place = await anOpenTenant();
    await anOcppPassword(place.id, 'the-password-of-many');
    const come = async (password: string) =>
      (await knock({ identity: 'new', slug: place.slug, headers: withBasic('new', password) })).status;
    expect(await come('a-wrong-password')).toBe(401);
    expect((await knock({ identity: 'new', slug: place.slug })).status).toBe(401);
    expect(await waitingIn(place)).toMatchObject([{ attributes: { chargeBoxIdentity: 'new', attempts: 2 } }]);
    expect(await come('the-password-of-many')).toBe(101);
    const { data } = (await (await aCaller(app, place.id))('GET', '/charging_stations')).json<List>();
    expect(data).toMatchObject([{ attributes: { chargeBoxIdentity: 'new', securityProfile: 1 } }]);
  });
});

describe('an assumed subprotocol', () => {
  it.each([
    ['nothing', undefined, undefined],
    ['an odd one', 'ocpp1.6J', undefined],
    ['another version', 'ocpp2.0.1', undefined],
    ['no list', 'ocpp1.5,,', undefined],
    ['the right one', 'ocpp1.6', 'ocpp1.6'],
    ['the right one in no list', 'ocpp1.6,,', 'ocpp1.6'],
  ])('lets in a station that offers %s', async (_what, offered, answered) => {
    const { identity } = await aStation(0, { assumedSubprotocol: 'ocpp1.6' });
    const { status, headers } = await knock({ identity, headers: { 'Sec-WebSocket-Protocol': offered } });
    expect({ status, protocol: headers['sec-websocket-protocol'] }).toEqual({
      status: 101,
      protocol: answered,
    });
  });

  it('is spoken', async () => {
    const { identity } = await aStation(0, { assumedSubprotocol: 'ocpp1.6' });
    const webSocket = new WebSocket(`ws://127.0.0.1:${app.port}/ocpp/${tenant.slug}/${identity}`);
    await once(webSocket, 'open');
    webSocket.send('[2,"1","Heartbeat",{}]');
    const [answer] = (await once(webSocket, 'message')) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject([3, '1', {}]);
    webSocket.terminate();
  });

  it('is what else the operator is told to set', async () => {
    const { id, identity } = await aStation(0);
    const webSocket = new WebSocket(`ws://127.0.0.1:${app.port}/ocpp/${tenant.slug}/${identity}`);
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1002);
    expect(await lastRefusalOf(id)).toMatchObject({
      reason: 'It offers no WebSocket subprotocol that is spoken here (ocpp1.6).',
    });
  });
});

describe('a handshake', () => {
  it.each([
    { Connection: 'keep-alive, Upgrade' },
    { Connection: 'upgrade', Upgrade: 'WebSocket' },
    { connection: 'Upgrade', upgrade: 'websocket', CONNECTION: undefined },
  ])('is taken with %j', async (headers) => {
    const { identity } = await aStation(0);
    for (const overTls of [false, true]) {
      expect(await knock({ identity, overTls, headers })).toMatchObject({ status: 101 });
    }
  });

  it('of HTTP is answered over TLS as without', async () => {
    const { port, tlsPort } = app;
    expect(tlsPort).not.toBe(port);
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: tlsPort, path: '/health/ready', ca: authority.cert };
      httpsRequest({ ...options, servername: 'localhost', agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(answer).toBe(200);
  });
});

describe('the last refusal of a station', () => {
  it('is told with its reason and address, and kept when the station is let in again', async () => {
    const { id, identity } = await aStation(1, { password: own });
    expect(await lastRefusalOf(id)).toBeNull();
    await knock({ identity, headers: withBasic(identity, 'a-wrong-password') });
    const wanted = {
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      address: '127.0.0.1',
      reason: expect.stringMatching(/^This charging station needs HTTP Basic: /),
    };
    expect(await lastRefusalOf(id)).toEqual(wanted);
    expect((await call('GET', `/charging_stations/${id}`)).json<Single>().data.attributes).toMatchObject({
      connectionStatus: 'no_communication',
      ocppVersion: null,
      lastSeenAt: null,
    });
    await knock({ identity, headers: withBasic(identity, own) });
    expect(await lastRefusalOf(id)).toEqual(wanted);
  });
});
