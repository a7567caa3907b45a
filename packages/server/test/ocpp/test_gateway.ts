// A gateway on a real HTTP server on port 0, with a recorder in the store's place and log lines kept in memory.
// Stops in onTestFinished.

import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { hashedStationPassword } from '../../src/domain/index.ts';
import type {
  Communication,
  StationAccess,
  StationFact,
  StationHabits,
  StationReference,
  StationRefused,
} from '../../src/domain/index.ts';
import { createOcppGateway } from '../../src/ocpp/index.ts';
import type { OcppGateway, OcppGatewayDeps } from '../../src/ocpp/index.ts';

export const now = new Date('2026-11-03T10:00:00.000Z');
export const password = 'a-password-of-16+';

export type TestGateway = {
  readonly gateway: OcppGateway;
  readonly port: number;
  /** In call order. */
  readonly facts: StationFact[];
  /** The station of each sign of life. */
  readonly seen: StationReference[];
  /** What the communication log was told, in call order. */
  readonly notes: Communication[];
  readonly logLines: string[];
  /** What the operator is told of those who were refused. */
  readonly refusals: StationRefused[];
  /** Resolves when this many facts of the kind were recorded. */
  recorded(kind: StationFact['kind'], count?: number): Promise<void>;
  /** The same for signs of life. */
  sawStations(count: number): Promise<void>;
};

/** What is known of how a station speaks OCPP, unless a test says more. */
export const lenient: StationHabits = {
  isStrict: false,
  vendor: undefined,
  model: undefined,
  timeZone: undefined,
};

/** What is known of a tenant and one of its stations at the door; by default of tenant demo, and no station. */
export function anAccess(known: Partial<StationAccess> = {}): StationAccess {
  return {
    tenantId: 'tenant-demo',
    unknownChargingStations: 'wait',
    station: undefined,
    tenantPasswordHashes: [],
    ...known,
  };
}

type Station = NonNullable<StationAccess['station']>;

/** A station that everybody can be. */
export function aStation(known: Partial<Station> = {}): Station {
  return {
    id: 'id-open-1',
    securityProfile: 0,
    passwordHash: undefined,
    offered: undefined,
    assumedSubprotocol: undefined,
    habits: lenient,
    ...known,
  };
}

/**
 * Stations of tenant demo: open-1 to open-9 without password, strict-1, whose model is treated strictly, locked-1 with a
 * password; of tenant other: elsewhere-1.
 */
export async function testGateway(overrides: Partial<OcppGatewayDeps> = {}): Promise<TestGateway> {
  const facts: StationFact[] = [];
  const seen: StationReference[] = [];
  const notes: Communication[] = [];
  const logLines: string[] = [];
  const waiting: (() => void)[] = [];
  const refusals: StationRefused[] = [];
  const passwordHash = hashedStationPassword(password);
  let ids = 0;
  const gateway = createOcppGateway({
    log: pino({ level: 'debug' }, { write: (line: string) => void logLines.push(line) }),
    clock: { now: () => now },
    newId: () => `connection-${++ids}`,
    node: 'node-1',
    admitBoot: () => ({ isAdmitted: true, intervalSeconds: 300 }),
    stationConnected: () => undefined,
    certify: async () => ({ refusal: 'There is no certificate authority here.' }),
    offerTaken: async () => undefined,
    driverAuthorization: async () => ({
      status: 'Accepted',
      expiresAt: undefined,
      parentValue: undefined,
    }),
    maxFrameBytes: 65_536,
    peerOf: ({ headers, socket }) => ({
      host: headers.host,
      address: socket.remoteAddress ?? '',
      isEncrypted: false,
      clientCertificate: undefined,
    }),
    tenantSlugOfHost: (host) => /^([a-z]+)\.localhost(:\d+)?$/.exec(host ?? '')?.[1],
    findStationAccess: async (slug, identity) => {
      const isStrict = slug === 'demo' && identity === 'strict-1';
      const isOpen = isStrict || (slug === 'demo' && /^open-[1-9]$/.test(identity));
      const isLocked = slug === 'demo' && identity === 'locked-1';
      const isElsewhere = slug === 'other' && identity === 'elsewhere-1';
      if (slug !== 'demo' && slug !== 'other') return undefined;
      const isKnown = isOpen || isLocked || isElsewhere;
      return anAccess({
        tenantId: `tenant-${slug}`,
        station: isKnown
          ? aStation({
              id: `id-${identity}`,
              passwordHash: isLocked ? passwordHash : undefined,
              habits: { ...lenient, isStrict },
            })
          : undefined,
      });
    },
    createStation: () => Promise.reject(new Error('no station was to be created')),
    noteRefusal: (refused) => void refusals.push(refused),
    random: () => 0,
    note: (what) => void notes.push(what),
    hold: async (held) => new Set(held.map(({ connectionId }) => connectionId)),
    ...overrides,
    noteSeen: (station) => {
      seen.push(station);
      for (const wake of waiting.splice(0)) wake();
    },
    record: async (fact) => {
      facts.push(fact);
      for (const wake of waiting.splice(0)) wake();
      return await overrides.record?.(fact);
    },
  });
  const server = createServer();
  server.on('upgrade', gateway.handleUpgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await gateway.close();
    server.close();
    await once(server, 'close');
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const recorded = (kind: StationFact['kind'], count = 1) =>
    until(() => facts.filter((fact) => fact.kind === kind).length >= count);
  const sawStations = (count: number) => until(() => seen.length >= count);
  return {
    gateway,
    port: (server.address() as AddressInfo).port,
    facts,
    seen,
    notes,
    logLines,
    refusals,
    recorded,
    sawStations,
  };
}

export type TestStation = {
  readonly webSocket: WebSocket;
  send(message: string | Buffer): void;
  /** The next frame from the server, in order. */
  next(): Promise<unknown[]>;
  /** Sends a call and waits for the next frame. */
  call(id: string, action: string, payload: unknown): Promise<unknown[]>;
  readonly received: unknown[][];
  readonly closed: Promise<{ code: number; reason: string }>;
};

/** A WebSocket client that knows nothing of OCPP. Terminated in onTestFinished. */
export async function testStation(
  { port }: { port: number },
  path = '/ocpp/demo/open-1',
  {
    headers = {},
    subprotocols = ['ocpp1.6'],
  }: { headers?: Record<string, string>; subprotocols?: string[] } = {},
): Promise<TestStation> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`, subprotocols, { headers });
  onTestFinished(() => webSocket.terminate());
  const received: unknown[][] = [];
  const waiting: ((frame: unknown[]) => void)[] = [];
  webSocket.on('message', (data) => {
    const frame = JSON.parse((data as Buffer).toString()) as unknown[];
    const wake = waiting.shift();
    if (wake === undefined) received.push(frame);
    else wake(frame);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    webSocket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await once(webSocket, 'open');
  const next = async () => {
    return received.shift() ?? (await new Promise<unknown[]>((resolve) => waiting.push(resolve)));
  };
  const call = async (id: string, action: string, payload: unknown) => {
    webSocket.send(JSON.stringify([2, id, action, payload]));
    return await next();
  };
  return { webSocket, send: (message) => webSocket.send(message), next, call, received, closed };
}

export const handshakeHeaders = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Protocol': 'ocpp1.6',
};

export type HandshakeAnswer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** Sends one upgrade request as it is and answers what came back; 101 if the handshake succeeded. */
export async function handshake(
  { port }: { port: number },
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<HandshakeAnswer> {
  return await new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...handshakeHeaders, ...headers },
    });
    request.on('error', reject);
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: response.headers, body: '' });
    });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    request.end();
  });
}

export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** A promise that is settled from outside: a store that a test holds up. */
export function gate(): { readonly passed: Promise<void>; open(): void; fail(error: Error): void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined);
  return { passed: promise, open: resolve, fail: reject };
}

export const aBoot = { chargePointVendor: 'Vendor', chargePointModel: 'Model' };
