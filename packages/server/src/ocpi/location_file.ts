// Reads a file of OCPI Locations as a stream: lists of them, OCPI's answers (transport and format, Response format: a
// member `data`) or Locations alone, one or several of these after one another. Only the value at hand is in memory.
//
// The file is cut where its brackets say, and each piece is JSON.parse's: docs/decisions/own_json_cutter.md.

import { isUtf8 } from 'node:buffer';
import { Invalid } from '../domain/index.ts';

/** The file is not of a form that can be read on. What was read before it stands. The message is a sentence. */
export class UnreadableFile extends Invalid {}

const largestValue = 16 * 1024 * 1024;

/**
 * Answers the values where Locations should be, in order, each counted from 1.
 *
 * @throws {UnreadableFile} when the file is no JSON from there on, ends too early, or is not in UTF-8
 */
export async function* locationsIn(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ number: number; value: unknown }> {
  const file = piecesOf(chunks);
  let number = 0;
  for await (const value of documentsIn(file)) yield { number: (number += 1), value };
}

async function* documentsIn(file: Pieces): AsyncGenerator {
  await file.skipByteOrderMark();
  if ((await file.peek()) === undefined) throw new UnreadableFile('The file is empty.');
  for (let next = await file.peek(); next !== undefined; next = await file.peek()) {
    if (next === '[') yield* listIn(file);
    else if (next === '{') yield* answerOrLocationIn(file);
    else throw file.unexpected('a list or an object');
  }
}

async function* listIn(file: Pieces): AsyncGenerator {
  await file.take('[');
  if ((await file.peek()) === ']') return file.take(']');
  for (;;) {
    yield await file.value();
    if ((await file.peek()) === ']') return file.take(']');
    await file.take(',', '"," or "]"');
  }
}

/** An object with a list in `data` is an answer; any other is kept until its end, to be seen as a whole. */
async function* answerOrLocationIn(file: Pieces): AsyncGenerator {
  const members: [string, unknown][] = [];
  let isAnswer = false;
  await file.take('{');
  const start = file.offset() - 1;
  while ((await file.peek()) !== '}') {
    if (!isAnswer && file.offset() - start > largestValue) throw tooLarge(start);
    if (members.length > 0 || isAnswer) await file.take(',', '"," or "}"');
    if ((await file.peek()) !== '"') throw file.unexpected('the name of a member');
    const name = String(await file.value());
    await file.take(':');
    if (name === 'data' && (await file.peek()) === '[') {
      isAnswer = true;
      yield* listIn(file);
    } else members.push([name, await file.value()]);
  }
  await file.take('}');
  if (isAnswer) return;
  const whole = Object.fromEntries(members);
  if (!('status_code' in whole)) yield whole;
  else if (typeof whole['data'] === 'object' && whole['data'] !== null) yield whole['data'];
  // Status codes: from 2000 on they are errors.
  else
    throw new UnreadableFile(`The file is an OCPI answer without data, of status_code ${statusOf(whole)}.`);
}

function statusOf({ status_code: code }: Record<string, unknown>): string {
  return typeof code === 'number' ? String(code) : 'unknown';
}

function tooLarge(start: number): UnreadableFile {
  return new UnreadableFile(`The value that begins at byte ${start} has more than 16 MiB.`);
}

const openers = new Set([0x5b, 0x7b]);
const closers = new Set([0x5d, 0x7d]);
const quote = 0x22;
const backslash = 0x5c;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const byteOrderMark = [0xef, 0xbb, 0xbf];

type Pieces = ReturnType<typeof piecesOf>;

/** The bytes of a file, from which one JSON value after another is taken. */
function piecesOf(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array();
  let at = 0;
  let bytesBefore = 0;

  const offset = () => bytesBefore + at;

  /** Makes the next chunk the present one, when that is used up; answers whether there was one. */
  async function nextChunk(): Promise<boolean> {
    const { done, value } = await iterator.next();
    if (done === true) return false;
    bytesBefore += chunk.length;
    chunk = value;
    at = 0;
    return true;
  }

  /** Answers the next byte that is no blank, without taking it; undefined at the end. */
  async function nextByte(): Promise<number | undefined> {
    do {
      for (; at < chunk.length; at += 1) {
        const byte = chunk[at];
        if (byte !== undefined && !isBlank(byte)) return byte;
      }
    } while (await nextChunk());
    return undefined;
  }

  /** Takes bytes up to where the value's brackets, or its quotes, are closed; a number or a word up to what follows it. */
  async function valueBytes(first: number): Promise<Buffer> {
    const start = offset();
    const end = endOfValue(first);
    const taken: Uint8Array[] = [];
    for (let length = 0; length <= largestValue;) {
      const piece = chunk.subarray(at);
      const stop = end(piece);
      taken.push(piece.subarray(0, stop));
      at += stop ?? piece.length;
      length += piece.length;
      if (stop !== undefined) return Buffer.concat(taken);
      if (await nextChunk()) continue;
      if (!isOpen(first)) return Buffer.concat(taken);
      throw new UnreadableFile(`The file is cut off: the value that begins at byte ${start} has no end.`);
    }
    throw tooLarge(start);
  }

  /** Answers the fault that something else should be where the file is read now. */
  function unexpected(wanted: string): UnreadableFile {
    return new UnreadableFile(
      at >= chunk.length
        ? `The file is cut off: it ends at byte ${offset()}, where ${wanted} should be.`
        : `The file is no JSON from byte ${offset()} on: ${wanted} should be there.`,
    );
  }

  /** Answers the next character that is no blank, without taking it; undefined at the end. */
  async function peek(): Promise<string | undefined> {
    const byte = await nextByte();
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }

  return {
    offset,
    peek,
    unexpected,

    async skipByteOrderMark(): Promise<void> {
      const start: Uint8Array[] = [];
      let length = 0;
      while (length < byteOrderMark.length && (await nextChunk())) {
        start.push(chunk);
        length += chunk.length;
      }
      chunk = Buffer.concat(start);
      bytesBefore = 0;
      if (byteOrderMark.every((byte, number) => chunk[number] === byte)) at = byteOrderMark.length;
      const [first, second] = chunk;
      const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
      if (isWide || first === 0 || second === 0)
        throw new UnreadableFile('The file is in UTF-16 or UTF-32: save it in UTF-8.');
    },

    /** Passes over one character, which must be that one. */
    async take(character: string, wanted = `"${character}"`): Promise<void> {
      if ((await peek()) !== character) throw unexpected(wanted);
      at += 1;
    },

    /** Takes a JSON value. */
    async value(): Promise<unknown> {
      const first = await nextByte();
      if (first === undefined) throw unexpected('a value');
      const where = `The value that begins at byte ${offset()}`;
      const bytes = await valueBytes(first);
      if (!isUtf8(bytes)) throw new UnreadableFile(`${where} is not in UTF-8: save the file in UTF-8.`);
      try {
        return jsonIn(bytes.toString('utf8'));
      } catch (cause) {
        throw new UnreadableFile(`${where} is no JSON.`, { cause });
      }
    },
  };
}

/** Whole numbers that a double does not tell apart are answered as texts: they are ids. */
function jsonIn(text: string): unknown {
  // To look at each value takes several times as long.
  return /[:[,]\s*-?\d{16}/.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
}

function exactly(_name: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  return typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? source : value;
}

const isOpen = (first: number) => first === quote || openers.has(first);

/** Answers a function that is given a value's bytes piece by piece, and answers where in a piece the value ends. */
function endOfValue(first: number): (piece: Uint8Array) => number | undefined {
  if (!isOpen(first)) {
    return (piece) => {
      const at = piece.findIndex((byte) => isBlank(byte) || byte === 0x2c || closers.has(byte));
      return at === -1 ? undefined : at;
    };
  }
  let depth = 0;
  let isInText = false;
  let isEscaped = false;
  return (piece) => {
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) {
          isInText = false;
          if (depth === 0) return at + 1;
        }
      } else if (byte === quote) isInText = true;
      else if (openers.has(byte)) depth += 1;
      else if (closers.has(byte)) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return undefined;
  };
}
