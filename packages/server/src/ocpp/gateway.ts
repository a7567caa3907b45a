// The WebSocket handshake: from the HTTP server's 'upgrade' event to an open connection, or to a refusal.
// OCPP 1.6J §3; who is let in is decided in admission.ts.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { ServerOptions, WebSocket } from 'ws';
import { createAdmission, laterBy } from './admission.ts';
import type { Admission, AdmissionDeps } from './admission.ts';
import { createConnections } from './connections.ts';
import type { Connections, ConnectionsDeps } from './connections.ts';
import type { CompiledVersion } from './connection.ts';
import { refuseUpgrade } from './http_refusal.ts';
import type { Refusal } from './http_refusal.ts';
import { createCallAnswerer } from './rpc/call_answerer.ts';
import { createCommandWording } from './rpc/command_wording.ts';
import { createRecordedAnswers } from './rpc/recorded_answers.ts';
import { createSchemaCompiler } from './rpc/schema_validator.ts';
import { chosenSubprotocol, offeredSubprotocols, versionOfSubprotocol } from './subprotocols.ts';

export type OcppGateway = Pick<
  Connections,
  'letGo' | 'replacedElsewhere' | 'connectionOf' | 'isFree' | 'execute'
> & {
  /** For the HTTP server's 'upgrade' event: admits a station or answers why not. Never throws. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Looks which connections are their stations' still, and closes the others. Rejects when that is not to be known. */
  readonly checkConnections: () => Promise<void>;
  /** Closes every connection with 1001 and waits until what they said is durable. Lets nobody in any more. */
  readonly close: () => Promise<void>;
  /** Stations that are connected to this process now. */
  readonly connectionCount: () => number;
};

export type OcppGatewayDeps = AdmissionDeps &
  Omit<ConnectionsDeps, 'pingIntervalMs'> & {
    /** Bytes of one message; a longer one closes its connection with 1009. */
    readonly maxFrameBytes: number;
    /** Milliseconds between pings, default 60 000. Silence from one ping to the next ends a connection. */
    readonly pingIntervalMs?: number;
    /** Handshakes that wait for their decision, default 20 000: a fleet comes back at once. More are told when to come again. */
    readonly mostUndecided?: number;
  };

// Milliseconds for the other side to answer a close frame; then the socket is destroyed.
const closeTimeoutMs = 3_000;

const goingAway: Refusal = {
  status: 503,
  reason: 'The server is stopping. Please connect again later.',
  headers: { 'Retry-After': '10' },
};
const tooMany: Refusal = {
  status: 503,
  reason: 'Too many charging stations connect at the moment. Please connect again later.',
};
const onlyWebSockets: Refusal = {
  status: 426,
  reason: 'Only WebSocket connections are made here.',
  headers: { Upgrade: 'websocket' },
};

/** Makes the gateway for stations. It starts nothing but a timer, and listens on nothing itself. */
export function createOcppGateway(deps: OcppGatewayDeps): OcppGateway {
  const { log, mostUndecided = 20_000 } = deps;
  const admission = createAdmission(deps);
  const connections = createConnections({ ...deps, pingIntervalMs: deps.pingIntervalMs ?? 60_000 });
  const versions = compiledVersions(log);
  const awaitingDecision = new Set<Duplex>();
  const awaitingClose = new Set<WebSocket>();
  let isClosing = false;

  // @types/ws 8.18 does not know closeTimeout yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: deps.maxFrameBytes,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offered) => chosenSubprotocol(offered) ?? false,
  };
  const server = new WebSocketServer(options);
  // What ws finds wrong in a handshake (key, version, a list of subprotocols that is none). RFC 6455 §4.4.
  server.on('wsClientError', (error, socket, request) => {
    const refusal: Refusal = {
      status: 400,
      reason: `${error.message}.`,
      headers: { 'Sec-WebSocket-Version': '13' },
    };
    refuse(request, socket, refusal, {});
  });

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Nobody else listens on this socket: without this, a reset during the look-up would end the process.
    socket.on('error', ignoreError);
    admit(request, socket, head).catch((error: unknown) => {
      refuse(request, socket, { status: 500, reason: 'The connection could not be made.' }, { err: error });
    });
  }

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      refuse(request, socket, onlyWebSockets, {});
      return;
    }
    if (awaitingDecision.size >= mostUndecided) {
      refuse(request, socket, { ...tooMany, headers: laterBy(deps.random) }, {});
      return;
    }
    awaitingDecision.add(socket);
    const decision = await admission(request);
    awaitingDecision.delete(socket);
    if (isClosing) {
      refuse(request, socket, goingAway, {});
    } else if (isGone(socket)) {
      log.info({ remoteAddress: deps.peerOf(request).address }, 'client was gone before its handshake ended');
      socket.destroy();
    } else if ('refusal' in decision) {
      const { refusal, identity, cause } = decision;
      refuse(request, socket, refusal, { identity, ...(cause === undefined ? {} : { err: cause }) });
    } else {
      if (decision.assumedSubprotocol !== undefined) offerAtMostOne(request);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('error', ignoreError);
        opened(webSocket, decision);
      });
    }
  }

  function opened(webSocket: WebSocket, admitted: Extract<Admission, { station: unknown }>): void {
    const { station, assumedSubprotocol, noteRefusal } = admitted;
    const subprotocol = webSocket.protocol === '' ? (assumedSubprotocol ?? '') : webSocket.protocol;
    const version = versions.get(subprotocol);
    if (version !== undefined) {
      connections.open({ webSocket, station, version });
      return;
    }
    // OCPP 1.6J §3.2: "complete the WebSocket handshake with a response without a Sec-WebSocket-Protocol header and
    // then immediately close the WebSocket connection".
    const spoken = [...versionOfSubprotocol.keys()].join(', ');
    log.warn(
      { tenant: station.slug, identity: station.identity, spoken },
      'station offers no subprotocol that we speak',
    );
    noteRefusal(`It offers no WebSocket subprotocol that is spoken here (${spoken}).`);
    awaitingClose.add(webSocket);
    webSocket.on('error', ignoreError);
    webSocket.on('close', () => awaitingClose.delete(webSocket));
    webSocket.close(1002, `offer a supported subprotocol: ${spoken}`);
  }

  function refuse(
    request: IncomingMessage,
    socket: Duplex,
    refusal: Refusal,
    about: { readonly identity?: string | undefined; readonly err?: unknown },
  ): void {
    // Neither the URL nor a header is logged: stations put secrets into both.
    const { status, reason } = refusal;
    log.warn(
      {
        ...about,
        identity: about.identity?.slice(0, 64),
        status,
        reason,
        remoteAddress: deps.peerOf(request).address,
      },
      'station refused',
    );
    refuseUpgrade(socket, refusal);
  }

  async function close(): Promise<void> {
    isClosing = true;
    for (const socket of awaitingDecision) refuseUpgrade(socket, goingAway);
    for (const webSocket of awaitingClose) webSocket.terminate();
    await connections.close();
  }

  const { letGo, replacedElsewhere, check, connectionOf, isFree, execute, count } = connections;
  return {
    handleUpgrade,
    letGo,
    replacedElsewhere,
    checkConnections: check,
    connectionOf,
    isFree,
    execute,
    close,
    connectionCount: count,
  };
}

function compiledVersions(log: Logger): ReadonlyMap<string, CompiledVersion> {
  const compile = createSchemaCompiler();
  const recordedAnswers = createRecordedAnswers();
  const compiled = new Map<string, CompiledVersion>();
  for (const [subprotocol, { ocppVersion, actions, commands }] of versionOfSubprotocol) {
    const { leniency } = actions;
    compiled.set(subprotocol, {
      ocppVersion,
      answerCall: createCallAnswerer(actions, compile, recordedAnswers, log),
      wordCommand: createCommandWording({ ocppVersion, commands, leniency }, compile),
    });
  }
  return compiled;
}

/** Leaves of the subprotocols that a station offers one that we speak, or none: its list may be no list at all. */
function offerAtMostOne(request: IncomingMessage): void {
  const spoken = chosenSubprotocol(offeredSubprotocols(request));
  if (spoken === undefined) delete request.headers['sec-websocket-protocol'];
  else request.headers['sec-websocket-protocol'] = spoken;
}

function isGone(socket: Duplex): boolean {
  return socket.destroyed || socket.readableEnded || !socket.writable;
}

function ignoreError(): void {}
