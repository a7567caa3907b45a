// The whole server on a database of its own and a free port, for the tests of one file.

import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { startApp } from '../src/app.ts';
import type { App, AppDeps } from '../src/app.ts';
import { systemClock } from '../src/clock.ts';
import type { Clock } from '../src/clock.ts';
import { newId } from '../src/ids.ts';
import { openStore } from '../src/store/index.ts';
import type { Store } from '../src/store/index.ts';
import { testDatabase } from './test_database.ts';
import type { TestDatabase } from './test_database.ts';

export type TestApp = {
  readonly store: Store;
  readonly database: TestDatabase;
  /** The bare host's origin, such as `http://localhost:40123`. */
  readonly origin: string;
  readonly port: number;
  /** The port for TLS, where `tls` is given. */
  readonly tlsPort: number | undefined;
  /** Every line that was logged, as JSON text. */
  readonly logged: string[];
  /** Sends a request over a connection of its own. */
  ask(path: string, request?: AskedRequest): Promise<Answer>;
};

export type AskedRequest = {
  /** GET unless given. */
  readonly method?: string;
  /** The host name in the Host header, without a port: no resolver knows `<slug>.localhost` everywhere. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says which shape it looks into
  json<T = unknown>(): T;
};

/** A clock that stands still until it is moved. */
export type TestClock = Clock & {
  readonly moveBy: (ms: number) => void;
  readonly moveTo: (instant: Date) => void;
};

export function aClock(start = new Date('2026-11-25T12:00:00.000Z')): TestClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    moveBy: (ms) => void (now += ms),
    moveTo: (instant) => void (now = instant.getTime()),
  };
}

/** Content-Length, unless there is no body or it is sent in chunks. */
function lengthOf({ body, headers }: AskedRequest): { 'content-length'?: number } {
  if (body === undefined || headers?.['transfer-encoding'] !== undefined) return {};
  return { 'content-length': Buffer.byteLength(body) };
}

function answerTo(port: number, path: string, request: AskedRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: 'localhost',
        port,
        path,
        method: request.method ?? 'GET',
        agent: false,
        setHost: false,
        headers: {
          host: `${request.host ?? 'localhost'}:${port}`,
          ...lengthOf(request),
          ...request.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => JSON.parse(text) as never,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(request.body);
  });
}

/**
 * Starts before the file's tests and stops after them. The object is filled by then.
 *
 * @param beside one that was asked for before, whose database this one shares, as another process would
 */
export function testApp(overrides: Partial<AppDeps> = {}, beside?: TestApp): TestApp {
  const running = { logged: [] as string[] } as { -readonly [K in keyof TestApp]: TestApp[K] };
  running.ask = (path, request = {}) => answerTo(running.port, path, request);
  let app: App | undefined;
  beforeAll(async () => {
    const log = pino({ level: 'debug' }, { write: (line: string) => void running.logged.push(line) });
    running.database = beside?.database ?? (await testDatabase());
    running.store = await openStore({
      connection: running.database.connection,
      log,
      newId,
      maxConnections: 5,
    });
    app = await startApp({
      store: running.store,
      log,
      clock: systemClock,
      newId,
      host: '::',
      port: 0,
      tls: undefined,
      stationCa: undefined,
      baseDomain: 'localhost',
      node: 'test',
      trustedProxies: [],
      clientCertificateHeader: undefined,
      publicUrl: undefined,
      largestUploadBytes: 3_000_000,
      heartbeatSeconds: 300,
      rateLimit: undefined,
      webhooksToPrivateNetworks: false,
      ...overrides,
    });
    running.port = app.port;
    running.tlsPort = app.tlsPort;
    running.origin = `http://localhost:${app.port}`;
  });
  afterAll(async () => {
    await app?.close();
    await running.store?.close();
    if (beside === undefined) await running.database?.drop();
  });
  return running;
}
