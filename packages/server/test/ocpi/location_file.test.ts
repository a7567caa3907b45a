import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locationsIn } from '../../src/ocpi/index.ts';

async function* inPiecesOf(size: number, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What is read, and the fault that ends it. */
async function read(file: string | Uint8Array, pieceSize = 7) {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const values: unknown[] = [];
  try {
    for await (const { number, value } of locationsIn(inPiecesOf(pieceSize, bytes))) {
      values.push(value);
      expect(number).toBe(values.length);
    }
    return { values };
  } catch (error) {
    return { values, fault: (error as Error).message };
  }
}

const one = { id: 'A', name: 'a "}] b\\' };
const two = { id: 'B', evses: [{ uid: '{' }] };
const both = JSON.stringify([one, two]);

describe('a file of locations', () => {
  it.each([
    ['a list', both, [one, two]],
    ['an empty list', ' [ ] ', []],
    ['a list over several lines', JSON.stringify([one, two], null, 2), [one, two]],
    ['one location', JSON.stringify(one), [one]],
    ['an answer', `{"data":${both},"status_code":1000}`, [one, two]],
    ['an answer whose data comes last', `{"status_code":1000,"data":${both}}`, [one, two]],
    ['an answer to a request for one location', JSON.stringify({ status_code: 1000, data: one }), [one]],
    ['an answer without locations', '{"data":[],"status_code":1000}', []],
    [
      'several after one another',
      `${both}\n{"data":[${JSON.stringify(one)}]} ${JSON.stringify(two)}`,
      [one, two, one, two],
    ],
    ['values that are no objects', '[1, "x", null, [true], -1.5e3]', [1, 'x', null, [true], -1500]],
    ['a byte order mark', `\u{feff}${both}`, [one, two]],
    [
      'an object with members of objects’ own names',
      '{"__proto__":{"id":"x"},"id":"A"}',
      [JSON.parse('{"__proto__":{"id":"x"},"id":"A"}')],
    ],
  ])('is %s', async (_, file, values) => {
    expect(await read(file)).toEqual({ values });
  });

  it('is read the same however it comes in pieces', async () => {
    const whole = JSON.stringify({ status_code: 1000, data: [one, two, 'ü€𝄞', 12, [], {}] }, null, 1);
    for (let size = 1; size <= whole.length; size += 1) {
      expect((await read(whole, size)).values, `pieces of ${size}`).toHaveLength(6);
    }
  });

  it('holds any JSON', async () => {
    await fc.assert(
      // Whole numbers that a double does not hold are another rule's.
      fc.asyncProperty(
        fc.array(fc.json().filter((text) => !/\d{16}/.test(text))),
        fc.integer({ min: 1, max: 40 }),
        async (texts, size) => {
          expect(await read(`[${texts.join(',')}]`, size)).toEqual({
            values: texts.map((text) => JSON.parse(text) as unknown),
          });
        },
      ),
    );
  });

  it.each([
    ['nothing', '', [], 'The file is empty.'],
    ['blanks', ' \n', [], 'The file is empty.'],
    ['no JSON', 'id;name\n', [], 'The file is no JSON from byte 0 on: a list or an object should be there.'],
    ['a number', '12', [], 'The file is no JSON from byte 0 on: a list or an object should be there.'],
    [
      'a page of HTML',
      '<!doctype html>',
      [],
      'The file is no JSON from byte 0 on: a list or an object should be there.',
    ],
    [
      'a list cut off between locations',
      '[{"id":"A"},',
      [{ id: 'A' }],
      'The file is cut off: it ends at byte 12, where a value should be.',
    ],
    [
      'a list cut off after a location',
      '[{"id":"A"}',
      [{ id: 'A' }],
      'The file is cut off: it ends at byte 11, where "," or "]" should be.',
    ],
    [
      'a location cut off',
      '[{"id":"A"},{"id":"B',
      [{ id: 'A' }],
      'The file is cut off: the value that begins at byte 12 has no end.',
    ],
    [
      'a location that is no JSON',
      '[{"id":"A"},{"id":B}]',
      [{ id: 'A' }],
      'The value that begins at byte 12 is no JSON.',
    ],
    ['a comma too many', '[{"id":"A"},]', [{ id: 'A' }], 'The value that begins at byte 12 is no JSON.'],
    [
      'brackets that do not match',
      '[{"id":"A"},{"id":["B"}}]',
      [{ id: 'A' }],
      'The value that begins at byte 12 is no JSON.',
    ],
    [
      'something after the list',
      '[{"id":"A"}] x',
      [{ id: 'A' }],
      'The file is no JSON from byte 13 on: a list or an object should be there.',
    ],
    [
      'an object without a colon',
      '{"id" "A"}',
      [],
      'The file is no JSON from byte 6 on: ":" should be there.',
    ],
    [
      'an object without a name',
      '{id:"A"}',
      [],
      'The file is no JSON from byte 1 on: the name of a member should be there.',
    ],
    [
      'an answer that is an error',
      '{"status_code":2001,"status_message":"x"}',
      [],
      'The file is an OCPI answer without data, of status_code 2001.',
    ],
  ])('ends with a sentence at %s, after what is whole', async (_, file, values, fault) => {
    expect(await read(file)).toEqual({ values, fault });
  });

  it.each([
    ['UTF-16 with a byte order mark', Buffer.from(`\u{feff}${both}`, 'utf16le')],
    ['UTF-16 without', Buffer.from(both, 'utf16le')],
  ])('says that it is in %s', async (_, file) => {
    expect(await read(file)).toEqual({
      values: [],
      fault: 'The file is in UTF-16 or UTF-32: save it in UTF-8.',
    });
  });

  it('keeps ids apart that a double does not', async () => {
    const file =
      '[{"id":9007199254740993,"evses":[{"uid": 9007199254740992}]},{"id":-12345678901234567890,"n":[1e30,0.5]}]';
    expect(await read(file)).toEqual({
      values: [
        { id: '9007199254740993', evses: [{ uid: '9007199254740992' }] },
        { id: '-12345678901234567890', n: [1e30, 0.5] },
      ],
    });
    expect(await read('12345678901234567890')).toMatchObject({ values: [] });
  });

  it('says where it is in another encoding', async () => {
    const file = Buffer.concat([Buffer.from('[{"id":"A"},{"id":"'), Buffer.from([0xfc]), Buffer.from('"}]')]);
    const fault = 'The value that begins at byte 12 is not in UTF-8: save the file in UTF-8.';
    expect(await read(file)).toEqual({ values: [{ id: 'A' }], fault });
  });

  it('is given up at a value of more than 16 MiB, which is no location', async () => {
    const file = `[{"id":"A"},"${'x'.repeat(17 * 1024 * 1024)}"]`;
    const fault = 'The value that begins at byte 12 has more than 16 MiB.';
    expect(await read(file, 1024 * 1024)).toEqual({ values: [{ id: 'A' }], fault });
  });

  it('is given up at an object of more than 16 MiB that is no answer, such as a map of locations', async () => {
    const entry = `"x":{"text":"${'x'.repeat(1_000_000)}"}`;
    const fault = 'The value that begins at byte 1 has more than 16 MiB.';
    expect(await read(` {${Array(18).fill(entry).join(',')}}`, 1024 * 1024)).toEqual({ values: [], fault });
  });
});
