// A large list as CSV over real sockets: whole and in order, with bounded memory, whatever the reader does and whatever
// becomes of the database meanwhile.

import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'csv-parse';
import { Client } from 'pg';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import { base, callerWith } from './caller.ts';
import type { Caller, List } from './caller.ts';

const app = testApp({ clock: aClock() });
const stations = 20_000;
let authorization: string;
let call: Caller;

beforeAll(async () => {
  const { id } = await aTenant(app.store);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, id));
  call = callerWith(app, authorization);
  // Two kilobytes each; equal and unknown values to sort by.
  await app.database.look(
    `insert into charging_stations
       (tenant_id, id, identity, label, public_display_name, serial_number, vendor, created_at, updated_at)
     select $1, gen_random_uuid(), 'cp_' || n, 'Station ' || n, repeat('p', 2000),
       case when n % 3 > 0 then 's-' || n % 7 end, case when n % 4 > 0 then 'v-' || n % 5 end,
       timestamptz '2026-11-25T10:00:00Z', timestamptz '2026-11-25T10:00:00Z' + make_interval(hours => n % 4)
     from generate_series(1, ${stations}) n`,
    [id],
  );
  await app.database.look(
    `insert into station_connections (tenant_id, charging_station_id, ocpp_version, opened_at, last_seen_at)
     select s.tenant_id, s.id, '1.6', s.created_at,
       s.created_at + make_interval(mins => ('x' || right(s.id::text, 2))::bit(8)::int % 30)
     from charging_stations s where s.id::text < '8'`,
  );
  await app.database.look('analyze charging_stations, station_connections');
});

afterEach(() => vi.restoreAllMocks());

/** Answers as soon as the headers are there; nothing is read yet. */
function opened(at: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { port } = app;
    const headers = { authorization, host: `localhost:${port}` };
    const sent = httpRequest({ host: 'localhost', port, path: base + at, agent: false, headers }, resolve);
    sent.on('error', reject);
    sent.end();
  });
}

type Cells = Record<string, string>;

async function readAll(response: IncomingMessage, onRow: (cells: Cells) => void): Promise<void> {
  const parser = response.pipe(parse({ columns: true, record_delimiter: '\r\n' }));
  response.on('error', (error) => parser.destroy(error));
  for await (const cells of parser) onRow(cells as Cells);
}

async function bytesOf(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  return bytes;
}

describe('20 000 stations as CSV', () => {
  it.each([
    [stations, ''],
    [stations / 4, 'filter[updatedSince]=2026-11-25T12:30Z&sort=serialnumber,-vendor'],
    [stations / 4, 'filter[updatedSince]=2026-11-25T12:30Z&sort=-lastSeenAt,-serialnumber,vendor'],
  ])(
    'are those of the pages of the JSON list, each once and in order: %i with %s',
    { timeout: 120_000 },
    async (total, sort) => {
      const fields = 'fields[charging_stations]=serialnumber,vendor,lastSeenAt,connectionStatus';
      const lines: unknown[] = [];
      await readAll(await opened(`/charging_stations?format=csv&${fields}&${sort}`), (cells) => {
        lines.push(cells);
      });
      const wanted: unknown[] = [];
      let next: string | undefined = `/charging_stations?${fields}&${sort}&page[limit]=500&page[offset]=0`;
      while (next !== undefined) {
        const page: List = (await call('GET', next)).json<List>();
        for (const { id, attributes } of page.data) {
          const cells = Object.entries(attributes).map(([name, value]) => [name, value ?? '']);
          wanted.push({ id, ...(Object.fromEntries(cells) as Cells) });
        }
        next = page.links.next;
      }
      expect(wanted).toHaveLength(total);
      expect(lines).toEqual(wanted);
    },
  );

  it('need no more memory than some batches of them', { timeout: 120_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const used = () => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const response = await opened('/charging_stations?format=csv');
    const before = used();
    let [bytes, most, sampledAt] = [0, 0, 0];
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes - sampledAt < 2_000_000) continue;
      sampledAt = bytes;
      most = Math.max(most, used() - before);
    }
    expect(bytes).toBeGreaterThan(40_000_000);
    expect(most).toBeLessThan(20_000_000);
  });
});

// 20 MB each, more than sockets hold.
const labels = '/charging_stations?format=csv&fields[charging_stations]=label';
const opensAll = () => Promise.all(Array.from({ length: 6 }, () => opened(labels)));

// The pool has five connections.
describe('six readers that do not read', () => {
  it(
    'hold no connection of the database, and get the rest once they go on',
    { timeout: 120_000 },
    async () => {
      const bytes = await bytesOf(await opened(labels));
      const pages = vi.spyOn(app.store.chargingStations, 'page');
      const responses = await opensAll();
      expect((await call('GET', '/charging_stations?page[limit]=1')).status).toBe(200);
      const whileWaiting = pages.mock.calls.length;
      for (const response of responses) expect(await bytesOf(response)).toBe(bytes);
      expect(pages.mock.calls.length).toBeGreaterThan(whileWaiting);
    },
  );
});

describe('six readers that go away', () => {
  it('end the work and hold no connection of the database', { timeout: 120_000 }, async () => {
    const pages = vi.spyOn(app.store.chargingStations, 'page');
    const responses = await opensAll();
    for (const response of responses) response.destroy();
    await Promise.all(pages.mock.results.map(({ value }) => value));
    const until = pages.mock.calls.length;
    const lists = await Promise.all(
      Array.from({ length: 10 }, () => call('GET', '/charging_stations?page[limit]=1')),
    );
    expect(lists.map(({ status }) => status)).toEqual(lists.map(() => 200));
    // Pages of the list come by another way.
    expect(pages.mock.calls.length).toBe(until);
  });
});

async function fromOutside(...statements: string[]): Promise<void> {
  const client = new Client({ ...inject('superuserConnection'), database: 'postgres' });
  await client.connect();
  for (const statement of statements) {
    await client.query(statement.replaceAll('{database}', app.database.connection.database ?? ''));
  }
  await client.end();
}

const away = [
  'alter database {database} allow_connections false',
  `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database}'`,
];
const back = 'alter database {database} allow_connections true';

describe('a database that goes away midway', () => {
  it('cuts the connection, so that nobody takes a part for the whole', { timeout: 120_000 }, async () => {
    const response = await opened('/charging_stations?format=csv');
    await fromOutside(...away);
    try {
      await expect(bytesOf(response)).rejects.toThrow('aborted');
    } finally {
      await fromOutside(back);
    }
    expect(response.complete).toBe(false);
    expect(app.logged.filter((line) => line.includes('an answer broke off'))).toHaveLength(1);
    expect(await bytesOf(await opened('/charging_stations?format=csv'))).toBeGreaterThan(40_000_000);
  });

  it('is told as an error before the first byte', async () => {
    await fromOutside(...away);
    try {
      const answer = await call('GET', '/charging_stations?format=csv');
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
      expect(answer.headers['content-disposition']).toBeUndefined();
    } finally {
      await fromOutside(back);
    }
  });
});
