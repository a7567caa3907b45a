// Stations that ask for a certificate: who is given one, what it opens, and that it comes, whatever happens on the way.

import type { RPCClient } from 'ocpp-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashedStationPassword, wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { certificateRequests, testAuthority } from '../certificates.ts';
import { anInstallation, chargeyard } from '../chargeyard_process.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { List } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import { testApp } from '../test_app.ts';

const authority = testAuthority();
const { certificateFile, keyFile } = authority.signs('/CN=localhost');
const tls = { certificateFile, keyFile, clientCaFile: authority.certificateFile, port: 0 };
const app = testApp({ tls, stationCa: authority });
const request = certificateRequests();
const password = 'a-password-of-16+';

type Station = { id: string; identity: string; tenantId: string; slug: string };
type Profile = 0 | 1 | 2 | 3;

async function aStation({
  securityProfile = 2,
  ...made
}: { securityProfile?: Profile; password?: string; identity?: string } = {}): Promise<Station> {
  const { id: tenantId, slug } = await aTenant(app.store);
  const station = await aChargingStation(app.store, tenantId, made);
  await setProfile({ ...station, tenantId }, securityProfile);
  return { ...station, tenantId, slug };
}

async function setProfile({ id, tenantId }: { id: string; tenantId: string }, securityProfile: Profile) {
  const change = { id, values: { securityProfile }, ifUpdatedAt: undefined, now: new Date() };
  await app.store.chargingStations.update(wholeTenant(tenantId), change);
}

type Secret = { password?: string; cert?: string; key?: string };

function clientOf(
  { slug, identity }: Station,
  secret: Secret,
  origin = `wss://localhost:${app.tlsPort}`,
): RPCClient {
  const { password: own, ...certificate } = secret;
  const client = ocppClient({
    endpoint: `${origin}/ocpp/${slug}`,
    identity,
    ...(own === undefined ? {} : { password: own }),
    ...(origin.startsWith('wss:') ? { wsOpts: { ca: authority.cert, ...certificate } } : {}),
  });
  onTestFinished(async () => void (await client.close({ force: true })));
  return client;
}

/** The chain that CertificateSigned brings next; it is accepted. */
function certificateFor(client: RPCClient): Promise<string> {
  return new Promise((resolve) => {
    client.handle('CertificateSigned', async ({ params }) => {
      resolve((params as { certificateChain: string }).certificateChain);
      return { status: 'Accepted' };
    });
  });
}

/** Connects with the password, asks, and is given a certificate; answers what to connect with. */
async function certified(station: Station): Promise<Secret> {
  const client = clientOf(station, { password });
  await client.connect();
  const signed = certificateFor(client);
  const { csr, key } = request(`/CN=${station.identity}`);
  expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Accepted' });
  const cert = await signed;
  await client.close();
  return { cert, key };
}

async function shown({ tenantId, id }: Station, list: string) {
  const ask = await aCaller(app, tenantId);
  return (await ask('GET', `/cp/${id}/${list}`)).json<List>().data.map(({ attributes }) => attributes);
}

describe('a certificate that a station asked for', () => {
  it('opens the station under security profile 3', async () => {
    const station = await aStation({ password });
    const own = await certified(station);
    await setProfile(station, 3);
    await clientOf(station, own).connect();
    await expect(clientOf(station, { password }).connect()).rejects.toThrow('Forbidden');
  });

  it('is none where the password was changed since the station connected', async () => {
    const station = await aStation({ password });
    const client = clientOf(station, { password });
    await client.connect();
    const ask = await aCaller(app, station.tenantId);
    const changed = await ask('PATCH', `/charging_stations/${station.id}`, {
      password: `${password}-another`,
    });
    expect(changed.status).toBe(200);
    const { csr } = request(`/CN=${station.identity}`);
    expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Rejected' });
  });

  it('opens no station of that identity of another tenant, nor one that takes its place', async () => {
    const station = await aStation({ password });
    const own = await certified(station);
    const elsewhere = await aStation({ identity: station.identity, securityProfile: 3 });
    await expect(clientOf(elsewhere, own).connect()).rejects.toThrow('Forbidden');
    const ask = await aCaller(app, station.tenantId);
    expect((await ask('DELETE', `/charging_stations/${station.id}`)).status).toBe(204);
    const { tenantId, slug, identity } = station;
    const after = { ...(await aChargingStation(app.store, tenantId, { identity })), tenantId, slug };
    await setProfile(after, 3);
    await expect(clientOf(after, own).connect()).rejects.toThrow('Forbidden');
    await app.store.refusedStations.write();
    const [told] = (await ask('GET', '/charging_stations')).json<List>().data;
    expect(told?.attributes['lastRefusal']).toMatchObject({
      reason: 'The client certificate was issued to another charging station of this identity.',
    });
  });

  it('is another one where it asks again, also with the same request, which is reported once', async () => {
    const station = await aStation({ password });
    const client = clientOf(station, { password });
    await client.connect();
    const { csr } = request(`/CN=${station.identity}`);
    const chains = [];
    for (let at = 0; at < 2; at += 1) {
      const signed = certificateFor(client);
      await client.call('SignCertificate', { csr });
      chains.push(await signed);
    }
    expect(new Set(chains).size).toBe(2);
    expect(await shown(station, 'station_reports')).toMatchObject([{ status: 'Accepted', details: csr }]);
  });

  it('waits alone where the station asks again and again and answers nothing', async () => {
    const station = await aStation({ password });
    const client = clientOf(station, { password });
    await client.connect();
    const answer = Promise.withResolvers<void>();
    onTestFinished(() => answer.resolve());
    client.handle('CertificateSigned', async () => {
      await answer.promise;
      return { status: 'Accepted' };
    });
    const { csr } = request(`/CN=${station.identity}`);
    for (let at = 0; at < 5; at += 1) {
      expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Accepted' });
    }
    const states = (await shown(station, 'remote_commands')).map(({ state }) => state);
    expect(states.filter((state) => state === 'pending').length).toBeLessThanOrEqual(1);
    expect(states.length).toBeLessThanOrEqual(2);
  });
});

describe('no certificate', () => {
  const unproven = expect.stringContaining('Only a charging station of security profile 3') as string;
  const wrongName = expect.stringContaining('Its common name (CN) is "another"') as string;

  it.each<[string, Profile, Secret, { isTheTenants?: true; subject?: string }, string]>([
    ['a station that shows nothing', 0, {}, {}, unproven],
    ['a station of profile 0 with a password', 0, { password }, {}, unproven],
    ['a station of profile 1', 1, { password }, {}, unproven],
    ['a station with the tenant’s password', 2, { password }, { isTheTenants: true }, unproven],
    ['another than it is', 2, { password }, { subject: '/CN=another' }, wrongName],
  ])('is given to %s', async (_who, securityProfile, secret, { isTheTenants, subject }, reason) => {
    const station = await aStation({ securityProfile, ...(isTheTenants === true ? {} : secret) });
    await app.store.ocppPasswords.insert(station.tenantId, {
      id: newId(),
      name: 'Stations',
      passwordHash: hashedStationPassword(password),
      createdAt: new Date(),
    });
    const client = clientOf(station, secret);
    await client.connect();
    const { csr } = request(subject ?? `/CN=${station.identity}`);
    expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Rejected' });
    expect(await shown(station, 'station_reports')).toMatchObject([
      { kind: 'certificate_request', status: 'Rejected', details: csr, reason },
    ]);
    expect(await shown(station, 'remote_commands')).toEqual([]);
  });
});

describe('the process that accepted the request', () => {
  it('may die before it has sent the certificate: another one sends it when the station comes back', async () => {
    const { database } = app;
    const { host, user, password: secret, database: name } = database.connection;
    const login = `${user}:${encodeURIComponent(String(secret))}`;
    const installation = await anInstallation();
    onTestFinished(() => installation.remove());
    const server = chargeyard(['serve'], {
      ...installation.environment,
      DATABASE_URL: `postgres://${login}@localhost/${name}?host=${encodeURIComponent(String(host))}`,
      CHARGEYARD_NODE: 'dies',
      CHARGEYARD_TLS_PORT: '0',
      CHARGEYARD_TLS_CERTIFICATE: certificateFile,
      CHARGEYARD_TLS_KEY: keyFile,
      CHARGEYARD_STATION_CA_CERTIFICATE: authority.certificateFile,
      CHARGEYARD_STATION_CA_KEY: authority.keyFile,
    });
    const [, tlsPort] = await server.printed(/https:\/\/localhost:(\d+)/);
    const station = await aStation({ password });
    // The process stands still where it would mark the command as sent.
    await database.look(`
      create function stand_still() returns trigger language plpgsql as $$
        begin perform pg_sleep(600); return new; end $$;
      create trigger stand_still before update on remote_commands for each row execute function stand_still()`);
    const client = clientOf(station, { password }, `wss://localhost:${tlsPort}`);
    await client.connect();
    const { csr, key } = request(`/CN=${station.identity}`);
    expect(await client.call('SignCertificate', { csr })).toEqual({ status: 'Accepted' });
    const standing = `from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
    await database.until(`select 1 ${standing}`);
    server.child.kill('SIGKILL');
    await server.exitCode;
    await database.look(`select pg_terminate_backend(pid) ${standing}`);
    await database.look('drop trigger stand_still on remote_commands');

    const again = clientOf(station, { password });
    const signed = certificateFor(again);
    await again.connect();
    const cert = await signed;
    const sent = 'select 1 from remote_commands where charging_station_id = $1 and result is not null';
    await database.until(sent, [station.id]);
    expect(await shown(station, 'remote_commands')).toMatchObject([
      { command: 'certificate_signed', synchronous: false, state: 'finished', result: 'Accepted' },
    ]);
    await setProfile(station, 3);
    await clientOf(station, { cert, key }).connect();
  });
});
