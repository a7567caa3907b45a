// PostgreSQL's binary form of one-dimensional arrays, as array_recv and the types' own functions read it: written in a third
// of the time of their texts, and read in less. Numbers are in network byte order.

/** A value that no row can hold, found out before the database could say so. */
export class ImpossibleValue extends Error {
  override readonly name = 'ImpossibleValue';
}

/** Types that arrays can be written of; they are PostgreSQL's names. */
export type ElementType = keyof typeof elements;

let scratch = Buffer.allocUnsafeSlow(64 * 1024);
let end = 0;

/** Answers an array of the values; null and undefined are null. @throws {ImpossibleValue} */
export function binaryArray(type: ElementType, values: readonly unknown[]): Buffer {
  const { typeId, write } = elements[type];
  end = 0;
  need(20);
  // Dimensions, whether there are nulls, the elements' type, their number, the first one's index.
  writeInt(values.length === 0 ? 0 : 1);
  writeInt(1);
  writeInt(typeId);
  if (values.length > 0) {
    writeInt(values.length);
    writeInt(1);
  }
  for (const value of values) {
    // Enough for all but texts, which see to that themselves.
    need(20);
    if (value === null || value === undefined) writeInt(-1);
    else (write as (value: unknown) => void)(value);
  }
  return Buffer.from(scratch.subarray(0, end));
}

const elements = {
  boolean: { typeId: 16, write: writeBoolean },
  integer: { typeId: 23, write: writeInteger },
  bigint: { typeId: 20, write: writeBigint },
  text: { typeId: 25, write: writeText },
  json: { typeId: 114, write: writeText },
  jsonb: { typeId: 3802, write: writeJsonb },
  timestamptz: { typeId: 1184, write: writeInstant },
  uuid: { typeId: 2950, write: writeUuid },
};

function need(bytes: number): void {
  if (end + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, end + bytes));
  scratch.copy(larger, 0, 0, end);
  scratch = larger;
}

function writeInt(value: number): void {
  scratch[end] = value >>> 24;
  scratch[end + 1] = value >>> 16;
  scratch[end + 2] = value >>> 8;
  scratch[end + 3] = value;
  end += 4;
}

function writeBoolean(value: boolean): void {
  writeInt(1);
  scratch[end] = value ? 1 : 0;
  end += 1;
}

function writeInteger(value: number): void {
  if ((value | 0) !== value) throw new ImpossibleValue(`${value} is no integer of four bytes`);
  writeInt(4);
  writeInt(value);
}

function writeBigint(value: number): void {
  if (!Number.isSafeInteger(value)) throw new ImpossibleValue(`${value} is no integer that is exact`);
  writeInt(8);
  const high = Math.floor(value / 2 ** 32);
  writeInt(high);
  writeInt(value - high * 2 ** 32);
}

// Microseconds since 2000. Those of a Date's last instants are beyond the exact numbers, so milliseconds are counted.
const year2000 = Date.UTC(2000, 0, 1);
function writeInstant(value: Date): void {
  const milliseconds = value.getTime() - year2000;
  if (Number.isNaN(milliseconds)) throw new ImpossibleValue('an instant that is none');
  writeInt(8);
  const low = (milliseconds % 2 ** 32) * 1000;
  const carried = Math.floor(low / 2 ** 32);
  writeInt(Math.trunc(milliseconds / 2 ** 32) * 1000 + carried);
  writeInt(low - carried * 2 ** 32);
}

function writeText(value: string): void {
  // UTF-8 takes three bytes at most for each of UTF-16's units.
  need(4 + value.length * 3);
  const length = scratch.write(value, end + 4);
  writeInt(length);
  end += length;
}

function writeJsonb(value: string): void {
  need(5 + value.length * 3);
  const length = scratch.write(value, end + 5);
  writeInt(length + 1);
  scratch[end] = 1;
  end += 1 + length;
}

const digitOf = new Int8Array(128).fill(-1);
for (const [value, digit] of '0123456789abcdef'.split('').entries()) {
  digitOf[digit.charCodeAt(0)] = value;
  digitOf[digit.toUpperCase().charCodeAt(0)] = value;
}

function writeUuid(value: string): void {
  writeInt(16);
  let faults = value.length - 36;
  for (let at = 0; at < 36; at += 2) {
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    const byte = ((digitOf[value.charCodeAt(at)] ?? -1) << 4) | (digitOf[value.charCodeAt(at + 1)] ?? -1);
    faults |= byte & ~0xff;
    scratch[end] = byte;
    end += 1;
  }
  if (faults !== 0) throw new ImpossibleValue(`"${value}" is no UUID`);
}
