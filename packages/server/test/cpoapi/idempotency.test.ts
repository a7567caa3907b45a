// POST with an Idempotency-Key: sent again within 24 hours, it gets the answer that it got, and creates nothing twice.

import { beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { aChargingStationModel, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, base, callerWith, expectRefused } from './caller.ts';
import type { Caller, Single } from './caller.ts';

const clock = aClock();
const app = testApp({ clock });
const path = '/charging_stations';
const hourMs = 3_600_000;

let tenantId: string;
let company: string;
let model: number;
let client: { clientId: string; clientSecret: string };
let call: Caller;

beforeAll(async () => {
  ({ id: tenantId } = await aTenant(app.store));
  company = await aCompany(app.store, tenantId);
  model = await aChargingStationModel(app.store, tenantId);
  client = await anApiClient(app.store, tenantId);
  call = callerWith(app, await anAccessToken(app.origin, client));
});

let made = 0;
const creation = () => ({
  label: 'Station A',
  chargeBoxIdentity: `ABC${(made += 1)}`,
  modelId: model,
  companyUuid: company,
  timeZone: 'Europe/Berlin',
});
const withKey = (key: string) => ({ 'idempotency-key': key });
const sent = ({ status, headers, text }: Answer) => ({
  status,
  location: headers.location,
  etag: headers.etag,
  type: headers['content-type'],
  text,
});
const reused = { code: 'idempotency_key_reused', source: { header: 'Idempotency-Key' } } as const;

async function stationsOf(chargeBoxIdentity: string): Promise<number> {
  const answer = await call('GET', `${path}?filter[chargeBoxIdentity]=${chargeBoxIdentity}`);
  return answer.json<{ meta: { pagination: { total: number } } }>().meta.pagination.total;
}

async function companiesNamed(name: string): Promise<number> {
  const [row] = await app.database.look<{ n: number }>(
    'select count(*)::int as n from companies where name = $1',
    [name],
  );
  return row?.n ?? 0;
}

describe('the same key and body', () => {
  it('get the recorded answer, whole, and create one', async () => {
    const [key, body] = [newId(), creation()];
    const first = await call('POST', path, body, withKey(key));
    expect(first.status).toBe(201);
    clock.moveBy(1_000);
    const again = await call('POST', path, body, withKey(key));
    expect(sent(again)).toEqual(sent(first));
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(await stationsOf(body.chargeBoxIdentity)).toBe(1);
  });

  it('sent ten times at once get one answer, and create one', async () => {
    const [key, name] = [newId(), `Company ${newId()}`];
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', '/companies', { name }, withKey(key))),
    );
    const [first] = answers.map(sent);
    expect(first?.status).toBe(201);
    expect(answers.map(sent)).toEqual(Array(10).fill(first));
    expect(await companiesNamed(name)).toBe(1);
  });

  it('of a station sent ten times at once create one, none is told of a conflict', async () => {
    const [key, body] = [newId(), creation()];
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', path, body, withKey(key))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    expect(await stationsOf(body.chargeBoxIdentity)).toBe(1);
  });

  it('get it after the resource was changed and deleted, too', async () => {
    const [key, body] = [newId(), creation()];
    const first = await call('POST', path, body, withKey(key));
    const at = `${path}/${first.json<Single>().data.id}`;
    await call('PUT', at, { label: 'Changed' });
    expect((await call('POST', path, body, withKey(key))).text).toBe(first.text);
    await call('DELETE', at);
    expect((await call('POST', path, body, withKey(key))).text).toBe(first.text);
    expect(await stationsOf(body.chargeBoxIdentity)).toBe(0);
  });

  it('get it as the media type that is asked for', async () => {
    const [key, body] = [newId(), creation()];
    await call('POST', path, body, withKey(key));
    const again = await call('POST', path, body, { ...withKey(key), accept: 'application/vnd.api+json' });
    expect([again.status, again.headers['content-type']]).toEqual([201, 'application/vnd.api+json']);
  });

  it('get it without a look at the body’s rules, with a newer access token of the same client', async () => {
    const [key, body] = [newId(), creation()];
    const first = await call('POST', path, body, withKey(key));
    const newer = callerWith(app, await anAccessToken(app.origin, client));
    expect(sent(await newer('POST', path, body, withKey(key)))).toEqual(sent(first));
  });

  it('without a key create two', async () => {
    const name = `Company ${newId()}`;
    await call('POST', '/companies', { name });
    await call('POST', '/companies', { name });
    expect(await companiesNamed(name)).toBe(2);
  });
});

describe('a key that was used', () => {
  it('with another body is 422, creates nothing, and still serves the first', async () => {
    const [key, body, other] = [newId(), creation(), creation()];
    const first = await call('POST', path, body, withKey(key));
    expectRefused(await call('POST', path, other, withKey(key)), reused);
    expect(await stationsOf(other.chargeBoxIdentity)).toBe(0);
    expect(sent(await call('POST', path, body, withKey(key)))).toEqual(sent(first));
  });

  it('for another resource is 422', async () => {
    const [key, body] = [newId(), { vendor: 'V', name: newId() }];
    expect((await call('POST', '/charging_station_models', body, withKey(key))).status).toBe(201);
    expectRefused(await call('POST', '/companies', body, withKey(key)), reused);
  });

  it('with two bodies at once creates one of them', async () => {
    const [key, names] = [newId(), [`Company ${newId()}`, `Company ${newId()}`]];
    const answers = await Promise.all(
      names.map((name) => call('POST', '/companies', { name }, withKey(key))),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422]);
    const counted = await Promise.all(names.map(companiesNamed));
    expect(counted.toSorted()).toEqual([0, 1]);
  });

  it('is another client’s, or another tenant’s, to use for itself', async () => {
    const [key, name] = [newId(), `Company ${newId()}`];
    const colleague = await aCaller(app, tenantId);
    const other = await aCaller(app, (await aTenant(app.store)).id);
    const answers = [];
    for (const each of [call, colleague, other]) {
      answers.push(await each('POST', '/companies', { name }, withKey(key)));
    }
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(3);
    expect(await companiesNamed(name)).toBe(3);
    expect((await other('POST', '/companies', { name: 'Another' }, withKey(key))).status).toBe(422);
  });

  it('is kept for 24 hours and free after them', async () => {
    const [key, name, newer] = [newId(), `Company ${newId()}`, `Company ${newId()}`];
    const first = await call('POST', '/companies', { name }, withKey(key));
    clock.moveBy(24 * hourMs - 1_000);
    call = callerWith(app, await anAccessToken(app.origin, client));
    expect(sent(await call('POST', '/companies', { name }, withKey(key)))).toEqual(sent(first));
    expectRefused(await call('POST', '/companies', { name: newer }, withKey(key)), reused);
    clock.moveBy(1_001);
    const again = await call('POST', '/companies', { name }, withKey(key));
    expect(again.status).toBe(201);
    expect(again.headers.location).not.toBe(first.headers.location);
    expect(await companiesNamed(name)).toBe(2);
    expectRefused(await call('POST', '/companies', { name: newer }, withKey(key)), reused);
  });

  it('for what was refused is free again', async () => {
    const [key, body] = [newId(), creation()];
    const taken = creation();
    await call('POST', path, taken);
    const refusals = [
      await call('POST', path, { ...body, label: '' }, withKey(key)),
      await call('POST', path, { ...body, modelId: 999_999 }, withKey(key)),
      await call('POST', path, { ...body, companyUuid: newId() }, withKey(key)),
      await call('POST', path, { ...body, chargeBoxIdentity: taken.chargeBoxIdentity }, withKey(key)),
      await call('POST', path, '{', withKey(key)),
      await call('POST', path, body, { ...withKey(key), 'content-type': 'text/plain' }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([422, 422, 422, 409, 400, 415]);
    expect((await call('POST', path, body, withKey(key))).status).toBe(201);
  });

  it('for what was refused ten times at once is free again', async () => {
    const [key, taken] = [newId(), creation()];
    await call('POST', path, taken);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', path, taken, withKey(key))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(409));
    expect((await call('POST', path, creation(), withKey(key))).status).toBe(201);
  });

  it('goes after a day with whatever the tenant does next, though its API client is gone', async () => {
    const short = await anApiClient(app.store, tenantId);
    const caller = callerWith(app, await anAccessToken(app.origin, short));
    const key = newId();
    expect((await caller('POST', '/companies', { name: 'A' }, withKey(key))).status).toBe(201);
    await app.store.apiClients.delete(wholeTenant(tenantId), short.clientId);
    const isThere = async () =>
      (await app.database.look('select 1 from idempotent_requests where key = $1', [key])).length;
    const next = async () =>
      (await aCaller(app, tenantId))('POST', '/companies', { name: 'B' }, withKey(newId()));
    expect((await next()).status).toBe(201);
    expect(await isThere()).toBe(1);
    clock.moveBy(24 * hourMs + 1);
    expect((await next()).status).toBe(201);
    expect(await isThere()).toBe(0);
    clock.moveBy(-24 * hourMs - 1);
  });
});

describe('a key', () => {
  it.each(['', ' ', 'a b', 'a\tb', 'ä', 'x'.repeat(256)])('of the form "%s" is 400', async (key) => {
    const name = `Company ${newId()}`;
    expectRefused(await call('POST', '/companies', { name }, withKey(key)), {
      code: 'bad_request',
      source: { header: 'Idempotency-Key' },
    });
    expect(await companiesNamed(name)).toBe(0);
  });

  it.each(['x', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "';drop--", '~!%00', 'x'.repeat(255)])(
    'of the form %s is taken',
    async (key) => {
      const first = await call('POST', '/companies', { name: 'A' }, withKey(key));
      const again = await call('POST', '/companies', { name: 'A' }, withKey(key));
      expect([first.status, again.status, again.text === first.text]).toEqual([201, 201, true]);
    },
  );

  it('is told from another by its case', async () => {
    const name = `Company ${newId()}`;
    for (const key of ['Key-of-mine', 'key-of-mine']) {
      expect((await call('POST', '/companies', { name }, withKey(key))).status).toBe(201);
    }
    expect(await companiesNamed(name)).toBe(2);
  });

  it('does nothing to reads and changes', async () => {
    const { data } = (await call('POST', '/companies', { name: 'A' })).json<Single>();
    const at = `/companies/${data.id}`;
    for (const name of ['B', 'C']) {
      const answer = await call('PUT', at, { name }, withKey('a-change'));
      expect(answer.json<Single>().data.attributes['name']).toBe(name);
    }
    const read = await call('GET', at, undefined, withKey('a-change'));
    expect(read.json<Single>().links).toEqual({ self: `${app.origin}${base}${at}` });
  });
});
