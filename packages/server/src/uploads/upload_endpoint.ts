// `PUT` and `POST /ocpp/uploads/<token>/<name>`: charging stations upload what a remote command asked them for (OCPP 1.6 §5.9
// GetDiagnostics, GetLog). There is no way to do so that stations agree on: the name may be missing or stand in the path, the
// body may be the file or a form with it. The token is all that lets them in; whoever has none that counts gets 404.

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import {
  Unavailable,
  fileNameIn,
  tenantOfUploadToken,
  uploadTokenHash,
  uploadsPath,
} from '../domain/index.ts';
import { createFailures, networkOf } from '../failures.ts';
import { addressOf } from '../hosts.ts';
import type { StationUploads, Upload } from '../store/index.ts';
import { MalformedForm, boundaryOf, firstFileOf } from './multipart.ts';
import type { FormFile } from './multipart.ts';

// What is held in memory of each: about a part, and what the socket has read ahead.
const partBytes = 262_144;
// Of a process. No tenant keeps the others from theirs: an upload may take an hour.
const mostAtOnce = { all: 50, tenant: 20 } as const;
const silentForMs = 60_000;
const longestUploadMs = 60 * 60_000;
// RFC 6838 §4.2, without parameters.
const mediaTypeForm = /^[\w!#$&^.+-]{1,60}\/[\w!#$&^.+-]{1,60}/;
const guesses = {
  free: 20,
  firstWaitMs: 1_000,
  longestWaitMs: 60_000,
  forgottenAfterMs: 60 * 60_000,
  mostRemembered: 10_000,
};

type Deps = {
  readonly uploads: StationUploads;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Of one file. */
  readonly largestBytes: number;
};

class Refusal extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const unknown = () => new Refusal(404, 'There is nothing to upload here.');
const overtaken = () => new Refusal(409, 'Another upload of the same file has begun.');

export function uploadEndpoint(server: FastifyInstance, deps: Deps): void {
  const { uploads, clock, largestBytes } = deps;
  const failures = createFailures(guesses);
  /** The tenant of each. */
  const underWay: string[] = [];

  async function receive(request: FastifyRequest): Promise<void> {
    const { raw } = request;
    const [, token = '', pathName] =
      /^([\w-]{64})\/*(.*)$/s.exec((request.params as { '*': string })['*']) ?? [];
    const now = clock.now();
    const network = networkOf(addressOf(request));
    const waitMs = failures.waitMs(network, now.getTime());
    if (waitMs > 0) throw new Refusal(429, 'Please try again later.', Math.ceil(waitMs / 1_000));
    const tenantId = tenantOfUploadToken(token);
    const upload = tenantId && { tenantId, tokenHash: uploadTokenHash(token), fileId: deps.newId() };
    if (!upload || !(await uploads.begin(upload, now))) {
      failures.add(network, now.getTime());
      throw unknown();
    }
    failures.forget(network);
    let leave: (() => void) | undefined;
    try {
      leave = enter(upload.tenantId);
      await keep(upload, raw, pathName);
      request.log.info({ fileId: upload.fileId }, 'a station has uploaded a file');
    } catch (error) {
      await uploads.abandon(upload).catch((err: unknown) => {
        // Housekeeping finds it, and the next attempt does.
        request.log.warn({ err, fileId: upload.fileId }, 'what came of an upload could not be removed');
      });
      throw error;
    } finally {
      leave?.();
    }
  }

  /** Counts an upload that is under way; answers what ends that. */
  function enter(tenantId: string): () => void {
    const ofTenant = underWay.filter((each) => each === tenantId).length;
    if (underWay.length >= mostAtOnce.all || ofTenant >= mostAtOnce.tenant)
      throw new Refusal(503, 'Please try again later.', 60);
    underWay.push(tenantId);
    return () => void underWay.splice(underWay.indexOf(tenantId), 1);
  }

  async function keep(upload: Upload, raw: IncomingMessage, pathName: string | undefined): Promise<void> {
    if (Number(raw.headers['content-length'] ?? 0) > largestBytes) throw tooLarge();
    const file = await fileIn(raw);
    const hash = createHash('sha256');
    let [size, number] = [0, 0];
    for await (const part of inParts(file.content)) {
      size += part.length;
      if (size > largestBytes) throw tooLarge();
      hash.update(part);
      if (!(await uploads.addPart(upload, number, part))) throw overtaken();
      number += 1;
    }
    if (size === 0) throw new Refusal(400, 'The file is empty.');
    const name =
      fileNameIn(file.name) ??
      fileNameIn(pathName) ??
      fileNameIn(await uploads.toldName(upload)) ??
      `upload-${upload.fileId}`;
    const mediaType = mediaTypeForm.exec(file.mediaType ?? '')?.[0].toLowerCase();
    const described = { name, mediaType, size, sha256: hash.digest('hex') };
    if (!(await uploads.complete(upload, described, clock.now()))) throw overtaken();
  }

  const tooLarge = () => new Refusal(413, `A file may have ${largestBytes} bytes at most.`);

  server.route({
    method: ['PUT', 'POST'],
    url: `${uploadsPath}/*`,
    config: { isUpload: true },
    // Before any body is read, and whatever its media type is.
    onRequest: async (request, reply) => {
      try {
        await receive(request);
        await reply.code(201).type('text/plain; charset=utf-8').send('Received.\n');
      } catch (error) {
        await refuse(error, request, reply);
      }
    },
    handler: () => undefined,
  });
}

async function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { status, message, retryAfterSeconds } = refusalOf(error, request);
  request.log.warn({ status, reason: message }, 'an upload was refused');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // What is left of the body nobody reads.
  reply.header('connection', 'close');
  await reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
}

function refusalOf(error: unknown, { raw, log }: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof MalformedForm) return new Refusal(400, error.message);
  if (error instanceof Unavailable) return new Refusal(503, 'Please try again later.', 60);
  if (raw.destroyed || !raw.complete) return new Refusal(400, 'The upload broke off.');
  log.error({ err: error }, 'an upload failed');
  return new Refusal(500, 'The file could not be kept.');
}

async function fileIn(raw: IncomingMessage): Promise<FormFile> {
  const { 'content-type': contentType } = raw.headers;
  const boundary = boundaryOf(contentType);
  const body = timed(raw);
  if (boundary !== undefined) return firstFileOf(body, boundary);
  return { name: undefined, mediaType: contentType, content: body };
}

/** The body, which breaks off where nothing comes for long, or where it takes too long. */
async function* timed(raw: IncomingMessage): AsyncGenerator<Buffer> {
  const end = () => raw.destroy();
  const silent = setTimeout(end, silentForMs);
  const longest = setTimeout(end, longestUploadMs);
  try {
    for await (const chunk of raw) {
      silent.refresh();
      yield chunk as Buffer;
    }
  } finally {
    clearTimeout(silent);
    clearTimeout(longest);
  }
}

/** The same bytes in parts of equal length; the last may be shorter. */
async function* inParts(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + partBytes - length);
      chunks.push(piece);
      length += piece.length;
      at += piece.length;
      if (length < partBytes) continue;
      yield Buffer.concat(chunks);
      [chunks, length] = [[], 0];
    }
  }
  if (length > 0) yield Buffer.concat(chunks);
}
