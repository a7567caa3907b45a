// The database goes away while the server runs, and comes back: nothing needs a restart.

import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Client } from 'pg';
import { Check } from 'typebox/value';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';

const clock = aClock();
const app = testApp({ clock });
const path = '/api/cpoapi/v1/charging_stations/';

let authorization: string;
let credentials: string;

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  await aChargingStation(app.store, tenant.id);
  const client = await anApiClient(app.store, tenant.id);
  credentials = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  }).toString();
  authorization = await anAccessToken(app.origin, client);
});

/** From outside of the database, which may let nobody in. */
async function fromOutside(...statements: string[]): Promise<void> {
  const client = new Client({ ...inject('superuserConnection'), database: 'postgres' });
  await client.connect();
  try {
    for (const statement of statements) {
      await client.query(statement.replaceAll('{database}', app.database.connection.database ?? ''));
    }
  } finally {
    await client.end();
  }
}

const dropConnections = `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database}'`;
const letNobodyIn = 'alter database {database} allow_connections false';
const letEveryoneIn = 'alter database {database} allow_connections true';

const list = () => app.ask(path, { headers: { authorization } });
const token = () => app.ask(`/token?${credentials}`, { method: 'POST' });
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status);
const ready = () => app.ask('/health/ready');

describe.each([
  ['refuses connections', [letNobodyIn, dropConnections], [letEveryoneIn]],
  [
    'was renamed, as during a restore',
    [letNobodyIn, dropConnections, 'alter database {database} rename to {database}_away'],
    ['alter database {database}_away rename to {database}', letEveryoneIn],
  ],
  [
    'has no place for another connection',
    ['alter database {database} connection limit 0', dropConnections],
    ['alter database {database} connection limit -1'],
  ],
])('while the database %s', (_how, away, back) => {
  let isAway = false;
  beforeEach(async () => {
    await fromOutside(...away);
    isAway = true;
    // Past what an access token's client is remembered.
    clock.moveBy(1_000);
  });
  async function comeBack(): Promise<void> {
    if (isAway) await fromOutside(...back);
    isAway = false;
    clock.moveBy(1_000);
  }
  afterEach(comeBack);

  it('the API answers 503 not_ready with Retry-After', async () => {
    const answer = await list();
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 503,
      body: {
        errors: [
          {
            id: answer.headers['x-request-id'],
            status: '503',
            code: 'not_ready',
            title: 'The server is not ready',
            detail: 'The server is not ready. Try again in a few seconds.',
          },
        ],
      },
    });
    expect(answer.headers['retry-after']).toBe('5');
    expect(Check(ErrorDocument, answer.json())).toBe(true);
  });

  it('the token endpoint answers 503 temporarily_unavailable with Retry-After', async () => {
    const answer = await token();
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 503,
      body: {
        error: 'temporarily_unavailable',
        error_description: 'The server is not ready. Try again in a few seconds.',
      },
    });
    expect(answer.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
  });

  it('the server lives but is not ready', async () => {
    expect((await app.ask('/health/live')).status).toBe(200);
    const answer = await ready();
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 503,
      body: { status: 'not_ready', detail: 'The database cannot be reached.' },
    });
    expect(answer.headers['retry-after']).toBe('5');
  });

  it('many requests at once all get their answer, and all work again when the database is back', async () => {
    const manyLists = () => Promise.all(Array.from({ length: 20 }, list));
    expect(statuses(await manyLists())).toEqual(Array.from({ length: 20 }, () => 503));

    await comeBack();
    const answers = [await ready(), await token(), await list(), ...(await manyLists())];
    expect(statuses(answers)).toEqual(answers.map(() => 200));
  });
});

describe('when all connections break at once and new ones are possible', () => {
  it('the next requests are answered, at worst by 503, and the ones after that by 200', async () => {
    expect((await list()).status).toBe(200);
    await fromOutside(dropConnections);
    clock.moveBy(1_000);
    const first = await Promise.all([list(), list(), list()]);
    for (const { status } of first) expect([200, 503]).toContain(status);
    clock.moveBy(1_000);
    expect((await list()).status).toBe(200);
  });
});
