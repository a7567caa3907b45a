// Statements in one round trip, again and again on the same connection.

import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pipelined } from '../../src/store/pipeline.ts';
import type { Statement } from '../../src/store/pipeline.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new Client(database.connection);
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const number: Statement = { text: 'select $1::int as number', values: ['7'] };
const setting: Statement = { text: 'set application_name = pipeline', values: [] };
const words: Statement = { text: "select 'a' as first, true as second where $1", values: [true] };
const none: Statement = { ...words, values: [false] };
const quotient = (divisor: number): Statement => ({
  text: 'select 12 / $1::int as quotient',
  values: [divisor],
});
const once = (text: string): Statement => ({ text, values: [], isOneOff: true });

it('have the columns that are their own', async () => {
  const rows = [[{ number: 7 }], [], [{ first: 'a', second: true }], [], [{ number: 7 }]];
  expect(await pipelined(client, [number, setting, words, none, number])).toEqual(rows);
  expect(await pipelined(client, [number, setting, words, none, number])).toEqual(rows);
  expect(await pipelined(client, [none, number, words])).toEqual([[], rows[0], rows[2]]);
  expect(await pipelined(client, [words, none], 'texts')).toEqual([[['a', 't']], []]);
});

it('have them after one of them failed, whenever it is prepared', async () => {
  await expect(pipelined(client, [words, quotient(0), number])).rejects.toThrow('division by zero');
  expect(await pipelined(client, [quotient(3), words])).toEqual([
    [{ quotient: 4 }],
    [{ first: 'a', second: true }],
  ]);
  await expect(pipelined(client, [words, quotient(0), number])).rejects.toThrow('division by zero');
  expect(await pipelined(client, [number, quotient(4)])).toEqual([[{ number: 7 }], [{ quotient: 3 }]]);
});

it('have them where one is not worth a name', async () => {
  expect(await pipelined(client, [once('select 1 as one'), number, once('select true as two')])).toEqual([
    [{ one: 1 }],
    [{ number: 7 }],
    [{ two: true }],
  ]);
  expect(await pipelined(client, [once('select 3 as three')])).toEqual([[{ three: 3 }]]);
});
