// The first file of a form (multipart/form-data, RFC 7578), as some stations send theirs. It is passed on as it comes; of the
// rest nothing is kept.

export type FormFile = {
  readonly name: string | undefined;
  readonly mediaType: string | undefined;
  readonly content: AsyncIterable<Buffer>;
};

/** The form cannot be read. */
export class MalformedForm extends Error {}

const mostHeaderBytes = 16_384;
const mostFields = 50;

/** Answers the boundary of a form; undefined where the media type is another. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? [];
  return quoted ?? bare;
}

/**
 * Answers the first file. Its content must be read to the end.
 *
 * @throws {MalformedForm} also while the content is read
 */
export async function firstFileOf(source: AsyncIterable<Buffer>, boundary: string): Promise<FormFile> {
  const reader = readerOf(source);
  // The first delimiter may have no line before it.
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  await drained(reader.until(delimiter));
  for (let fields = 0; fields < mostFields; fields += 1) {
    if ((await reader.line()).startsWith('--')) break;
    const headers = await headersOf(reader);
    const disposition = headers.get('content-disposition') ?? '';
    const mediaType = headers.get('content-type');
    const name = fileNameOf(disposition);
    if (name !== undefined || mediaType !== undefined) {
      return { name, mediaType, content: contentOf(reader, delimiter) };
    }
    await drained(reader.until(delimiter));
  }
  throw new MalformedForm('The form has no file.');
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.from('\r\n');

  async function more(): Promise<void> {
    const next = await chunks.next();
    if (next.done === true) throw new MalformedForm('The form ends too soon.');
    buffered = buffered.length === 0 ? next.value : Buffer.concat([buffered, next.value]);
  }

  return {
    /** Passes on what is before the delimiter, and leaves what is behind it. */
    async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
      for (;;) {
        const at = buffered.indexOf(delimiter);
        const sure = at === -1 ? buffered.length - delimiter.length + 1 : at;
        const before = buffered.subarray(0, Math.max(0, sure));
        buffered = buffered.subarray(before.length + (at === -1 ? 0 : delimiter.length));
        if (before.length > 0) yield before;
        if (at !== -1) return;
        await more();
      }
    },

    async line(): Promise<string> {
      for (;;) {
        const at = buffered.indexOf('\r\n');
        if (at === -1 && buffered.length > mostHeaderBytes) throw new MalformedForm('A header is too long.');
        // The last delimiter may end the form.
        if (at === -1 && buffered.toString('latin1', 0, 2) === '--') return '--';
        if (at === -1) {
          await more();
          continue;
        }
        const line = buffered.toString('utf8', 0, at);
        buffered = buffered.subarray(at + 2);
        return line;
      }
    },

    async rest(): Promise<void> {
      while ((await chunks.next()).done !== true);
    },
  };
}

async function headersOf(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const headers = new Map<string, string>();
  let bytes = 0;
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    bytes += line.length;
    if (bytes > mostHeaderBytes) throw new MalformedForm('The headers of a part are too long.');
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/s.exec(line) ?? [];
    headers.set(name.trim().toLowerCase(), value);
  }
  return headers;
}

async function* contentOf(reader: Reader, delimiter: Buffer): AsyncGenerator<Buffer> {
  yield* reader.until(delimiter);
  await reader.rest();
}

async function drained(content: AsyncIterable<Buffer>): Promise<void> {
  const chunks = content[Symbol.asyncIterator]();
  while ((await chunks.next()).done !== true);
}

/** RFC 7578 §4.2: quoted, with backslashes before quotes. */
const fileNameOf = (disposition: string) =>
  /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i
    .exec(disposition)
    ?.slice(1)
    .find((name) => name !== undefined)
    ?.replaceAll(/\\(["\\])/g, '$1');
