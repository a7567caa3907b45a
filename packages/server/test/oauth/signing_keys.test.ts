import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSigningKeys } from '../../src/oauth/signing_keys.ts';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';

const start = new Date('2026-11-25T12:00:00.000Z');
const clock = aClock(start);
const app = testApp({ clock });
const dayMs = 86_400_000;
const hourMs = 3_600_000;

let client: { clientId: string; clientSecret: string };

beforeAll(async () => {
  client = await anApiClient(app.store, (await aTenant(app.store)).id);
});

const published = async () => (await app.ask('/.well-known/jwks.json')).json<JSONWebKeySet>();
const kidsPublished = async () => (await published()).keys.map(({ kid }) => kid);
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const isTaken = async (token: string) =>
  (await app.ask('/api/cpoapi/v1/charging_stations/', { headers: { authorization: token } })).status === 200;

describe('the published keys', () => {
  it('are RSA signing keys without their private half (RFC 7517)', async () => {
    const answer = await app.ask('/.well-known/jwks.json');
    expect(answer.json()).toEqual({
      keys: [
        {
          kty: 'RSA',
          n: expect.stringMatching(/^[\w-]{342}$/),
          e: 'AQAB',
          kid: expect.stringMatching(/^[\w-]{43}$/),
          alg: 'RS256',
          use: 'sig',
        },
      ],
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=3600',
    });
  });
});

describe('processes that share a database and start at once', () => {
  const fresh = testApp();

  it('agree on one first key', async () => {
    const processes = Array.from({ length: 5 }, () =>
      createSigningKeys({ store: fresh.store.signingKeys, clock }),
    );
    const sets = await Promise.all(processes.map((each) => each.jwks()));
    expect(sets.map(({ keys }) => keys.length)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(sets.map(({ keys }) => keys[0]?.kid)).size).toBe(1);
    expect(await fresh.database.look('select kid from signing_keys')).toHaveLength(1);
  });
});

describe('a change of keys', () => {
  // One story, told in order: each rule holds at a later day.
  let oldKid: string | undefined;
  let newKid: string | undefined;
  let lastOld: string;
  const signsFrom = start.getTime() + 90 * dayMs;

  it('does not come near before the 89th day', async () => {
    oldKid = kidOf(await anAccessToken(app.origin, client));
    clock.moveTo(new Date(signsFrom - dayMs - 1));
    expect(await kidsPublished()).toEqual([oldKid]);
  });

  it('publishes the new key a day before it signs', async () => {
    clock.moveTo(new Date(signsFrom - dayMs + 10 * 60_000));
    const kids = await kidsPublished();
    newKid = kids.find((kid) => kid !== oldKid);
    expect(kids.toSorted()).toEqual([oldKid, newKid].toSorted());
    expect(kidOf(await anAccessToken(app.origin, client))).toBe(oldKid);
  });

  it('signs by the old key as long as the new one was published for less than a day', async () => {
    clock.moveTo(new Date(signsFrom + 9 * 60_000));
    lastOld = await anAccessToken(app.origin, client);
    expect(kidOf(lastOld)).toBe(oldKid);
  });

  it('signs by the new key afterwards, and whoever fetched the keys the day before can verify it', async () => {
    const fetchedTheDayBefore = createLocalJWKSet(await published());
    clock.moveTo(new Date(signsFrom + 11 * 60_000));
    const token = await anAccessToken(app.origin, client);
    expect(kidOf(token)).toBe(newKid);
    const verified = await jwtVerify(token, fetchedTheDayBefore, { currentDate: clock.now() });
    expect(verified.payload['client_id']).toBe(client.clientId);
    expect(await isTaken(token)).toBe(true);
  });

  it('leaves the old key’s tokens valid until they expire', async () => {
    for (const hours of [1, 12, 23]) {
      clock.moveTo(new Date(signsFrom + hours * hourMs));
      expect(await kidsPublished()).toContain(oldKid);
    }
    clock.moveTo(new Date(signsFrom + 9 * 60_000 + dayMs - 1));
    expect(await isTaken(lastOld)).toBe(true);
    expect(await kidsPublished()).toContain(oldKid);
    clock.moveTo(new Date(signsFrom + 9 * 60_000 + dayMs));
    expect(await isTaken(lastOld)).toBe(false);
  });

  it('forgets the old key when no token of it can be valid any more', async () => {
    clock.moveTo(new Date(signsFrom + 10 * 60_000 + dayMs + hourMs + 6 * 60_000));
    await kidsPublished();
    // The next look at the database no longer finds it.
    clock.moveBy(6 * 60_000);
    expect(await kidsPublished()).toEqual([newKid]);
    expect(await app.database.look('select kid from signing_keys')).toEqual([{ kid: newKid }]);
  });
});
