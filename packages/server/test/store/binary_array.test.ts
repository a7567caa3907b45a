import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaryArray, ImpossibleValue } from '../../src/store/binary_array.ts';
import type { ElementType } from '../../src/store/binary_array.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new Client({ ...database.connection, options: '-c timezone=UTC' });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function read(type: ElementType, values: readonly unknown[]): Promise<(string | null)[]> {
  const { rows } = await client.query<{ v: string | null }>(
    `select v::text as v from unnest($1::${type}[]) v`,
    [binaryArray(type, values)],
  );
  return rows.map(({ v }) => v);
}

const uuid = '018f0000-ABCD-7def-8123-0123456789ab';

describe('an array in binary form', () => {
  it.each<[ElementType, unknown[], string[]]>([
    ['boolean', [true, false], ['true', 'false']],
    ['integer', [0, -1, 2147483647, -2147483648], ['0', '-1', '2147483647', '-2147483648']],
    [
      'bigint',
      [0, -1, 4294967296, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
      ['0', '-1', '4294967296', '9007199254740991', '-9007199254740991'],
    ],
    ['text', ['', 'a,"b"\\{}', 'Größe 😀', 'NULL'], ['', 'a,"b"\\{}', 'Größe 😀', 'NULL']],
    ['json', ['{"a": [1]}'], ['{"a": [1]}']],
    ['jsonb', ['{"a":[1]}'], ['{"a": [1]}']],
    ['uuid', [uuid], [uuid.toLowerCase()]],
    [
      'timestamptz',
      [
        '2026-11-25T00:14:11.123Z',
        '1999-12-31T23:59:59.999Z',
        '0001-01-01T00:00:00Z',
        '+275760-09-13T00:00:00Z',
      ].map((text) => new Date(text)),
      [
        '2026-11-25 00:14:11.123+00',
        '1999-12-31 23:59:59.999+00',
        '0001-01-01 00:00:00+00',
        '275760-09-13 00:00:00+00',
      ],
    ],
  ])('holds each %s', async (type, values, texts) => {
    expect(await read(type, [null, ...values, undefined])).toEqual([null, ...texts, null]);
    expect(await read(type, [])).toEqual([]);
  });

  it('holds texts of any length', async () => {
    const texts = ['€'.repeat(100_000), 'a'.repeat(300_000)];
    expect(await read('text', texts)).toEqual(texts);
  });

  it.each<[ElementType, unknown]>([
    ['integer', 2147483648],
    ['integer', 1.5],
    ['bigint', 2 ** 53],
    ['bigint', Number.NaN],
    ['timestamptz', new Date(Number.NaN)],
    ['uuid', 'none'],
    ['uuid', uuid.replace('a', 'x')],
    ['uuid', `${uuid}0`],
  ])('refuses the %s %s', (type, value) => {
    expect(() => binaryArray(type, [value])).toThrow(ImpossibleValue);
  });
});
