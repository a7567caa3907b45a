// The only wiring: the rooms are built here, handed what they need, started and stopped in order.

import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { apiReference } from './api_reference.ts';
import { noCertificateAuthority, openCertificateAuthority } from './certificates/index.ts';
import type { AuthorityFiles } from './certificates/index.ts';
import type { Clock } from './clock.ts';
import { createRemoteCommands, keepConnectorsLocked } from './commands/index.ts';
import { descriptionUrl, registerCpoApi } from './cpoapi/index.ts';
import { createEvents, newWebhookSecret, positionOfId, whyNotTo } from './events/index.ts';
import type { Sending } from './events/index.ts';
import { healthEndpoints } from './health.ts';
import { startHousekeeping } from './housekeeping.ts';
import { tenantSlugOfHost } from './hosts.ts';
import { newSerialNumber } from './ids.ts';
import { createHttpServer } from './http_server.ts';
import { createAuthorizationServer } from './oauth/index.ts';
import { bootAdmission, createOcppGateway } from './ocpp/index.ts';
import { peerBehind } from './peer.ts';
import { startPresence } from './presence.ts';
import { requestCounter } from './json_api/index.ts';
import type { RateLimit } from './json_api/index.ts';
import { createSettings, settingsDescriptionUrl } from './settings/index.ts';
import type { Store } from './store/index.ts';
import { hearOfStations } from './stations_elsewhere.ts';
import { createTlsServer } from './tls_server.ts';
import type { TlsFiles } from './tls_server.ts';
import { uploadEndpoint } from './uploads/index.ts';

const largestFrameBytes = 262_144;
// A client that never finishes its request must not keep the server from stopping.
const requestsEndWithinMs = 5_000;
const webhooksAnswerWithinMs = 10_000;

export type App = {
  /** The port that the server listens on. */
  readonly port: number;
  /** The port for TLS; undefined where there is none. */
  readonly tlsPort: number | undefined;
  /** Stops: no new requests and connections, then what is under way ends, then the stations are let go. */
  close(): Promise<void>;
};

export type AppDeps = {
  readonly store: Store;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Undefined: no TLS. */
  readonly tls: (TlsFiles & { readonly port: number }) | undefined;
  /** Undefined: what stations ask to be signed is rejected. */
  readonly stationCa: AuthorityFiles | undefined;
  readonly baseDomain: string;
  /** The name of this process among those that share the database. */
  readonly node: string;
  readonly trustedProxies: readonly string[];
  /** In which they forward client certificates. */
  readonly clientCertificateHeader: string | undefined;
  /** The origin where stations upload; undefined: the one that was asked for the command. */
  readonly publicUrl: string | undefined;
  /** Of one file. */
  readonly largestUploadBytes: number;
  readonly heartbeatSeconds: number;
  /** For each API client. */
  readonly rateLimit: RateLimit | undefined;
  readonly webhooksToPrivateNetworks: boolean;
  /** How webhooks are sent otherwise than as usual. */
  readonly sending?: Partial<Sending>;
};

/**
 * Starts serving. The store stays the caller's to close.
 *
 * @throws an error with `code` EADDRINUSE or EACCES when a port cannot be had; another, in a sentence, when the certificates
 *   cannot be used
 */
export async function startApp(deps: AppDeps): Promise<App> {
  const { store, log, clock, newId, node } = deps;
  const slugOfHost = (host: string | undefined) => tenantSlugOfHost(host, deps.baseDomain);

  const cursorKey = await store.cursorKey.read();
  const server = createHttpServer({ log, newId, trustedProxies: deps.trustedProxies });
  const authorizationServer = createAuthorizationServer({
    store,
    clock,
    newId,
    tenantSlugOfHost: slugOfHost,
  });
  const countRequest = deps.rateLimit && requestCounter(deps.rateLimit, clock);
  const settings = createSettings({ store, clock, cursorKey, tenantSlugOfHost: slugOfHost, countRequest });
  const sending = {
    timeoutMs: webhooksAnswerWithinMs,
    ...deps.sending,
    toPrivateNetworks: deps.webhooksToPrivateNetworks,
  };
  const events = createEvents({
    store,
    clock,
    log: log.child({ room: 'events' }),
    newId,
    random: Math.random,
    sending,
  });
  // What can fail comes before the bus, whose connection would keep the process from ending.
  const tls =
    deps.tls &&
    (await createTlsServer(deps.tls, {
      log,
      newId,
      handleRequest: (request, response) => server.routing(request, response),
      handleUpgrade: (request, socket, head) => gateway.handleUpgrade(request, socket, head),
    }));
  const certificateAuthority = deps.stationCa
    ? await openCertificateAuthority(deps.stationCa, {
        clock,
        log: log.child({ room: 'certificates' }),
        newSerialNumber,
      })
    : noCertificateAuthority;
  const presence = await startPresence({ store, node, clock, log, wasLost: () => checkStations() });
  const bus = store.joinBus(node);
  const gateway = createOcppGateway({
    log: log.child({ room: 'ocpp' }),
    clock,
    newId,
    node,
    admitBoot: bootAdmission(deps.heartbeatSeconds, () => store.stationFacts.waitingCount()),
    maxFrameBytes: largestFrameBytes,
    peerOf: peerBehind(deps),
    certify: certificateAuthority.certify,
    tenantSlugOfHost: slugOfHost,
    findStationAccess: (slug, identity) => store.findStationAccess(slug, identity),
    createStation: (tenantId, identity) =>
      store.chargingStations.insertUnknown(tenantId, { id: newId(), identity, createdAt: clock.now() }),
    offerTaken: (tenantId, chargingStationId) =>
      store.takeOffer({ tenantId, chargingStationId, now: clock.now() }),
    noteRefusal: (refused) => store.refusedStations.note(refused),
    random: Math.random,
    stationConnected: (station) => remoteCommands.stationConnected(station),
    record: (fact) => store.stationFacts.record(fact),
    hold: (held) => store.serverProcesses.hold(node, held),
    noteSeen: (station, at) => store.stationFacts.noteSeen(station, at),
    note: (what) => store.communicationWriter.add(what),
    driverAuthorization: store.driverAuthorization,
  });

  const remoteCommands = createRemoteCommands({
    store,
    bus,
    node,
    clock,
    log: log.child({ room: 'commands' }),
    stations: {
      isConnected: (id) => gateway.connectionOf(id) !== undefined,
      freeConnectionOf: (id) => (gateway.isFree(id) ? gateway.connectionOf(id)?.connectionId : undefined),
      execute: (command, willSend) => gateway.execute(command, willSend),
    },
  });

  healthEndpoints(server, store);
  await authorizationServer.register(server);
  await settings.register(server);
  await registerCpoApi(server, {
    store,
    clock,
    cursorKey,
    checkAccessToken: (accessToken) => authorizationServer.checkAccessToken(accessToken),
    authenticateSession: (request) => settings.authenticateSession(request),
    tenantSlugOfHost: slugOfHost,
    countRequest,
    listen: (wanted) => events.listen(wanted),
    webhookDelivery: {
      newSecret: newWebhookSecret,
      whyNotTo: (url) => whyNotTo(url, sending),
      positionOfId,
      test: (tenantId, id) => events.test(tenantId, id),
    },
    orderCommand: (order) => remoteCommands.order(order),
    publicUrl: deps.publicUrl,
    tokenEndpoint: authorizationServer.description,
  });
  apiReference(server, [
    { path: '/docs', title: 'CPO API', descriptionUrl },
    { path: '/docs/settings', title: 'Settings API', descriptionUrl: settingsDescriptionUrl },
  ]);
  uploadEndpoint(server, {
    uploads: store.stationUploads,
    clock,
    newId,
    largestBytes: deps.largestUploadBytes,
  });
  stationsOnly(server);
  server.server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head));
  await server.ready();
  const checkStations = hearOfStations({ bus, gateway, log });
  const lockedConnectors = keepConnectorsLocked({ store, order: remoteCommands.order, clock, log });
  const housekeeping = await startHousekeeping({ store, clock, log });
  try {
    await events.start(bus);
    await listen((options) => server.listen(options), deps.host, deps.port);
    if (tls !== undefined && deps.tls !== undefined) {
      await listen((options) => listening(tls.server, options), deps.host, deps.tls.port);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { port: portOf(server.server), tlsPort: tls && portOf(tls.server), close };

  async function close(): Promise<void> {
    tls?.unwatch();
    const closed = Promise.all([server.close(), tls && closedServer(tls.server)]);
    const cut = setTimeout(() => {
      server.server.closeAllConnections();
      tls?.server.closeAllConnections();
    }, requestsEndWithinMs);
    await lockedConnectors.close();
    await gateway.close();
    await events.close();
    await remoteCommands.close();
    await bus.close();
    await housekeeping.close();
    await closed;
    await presence.close();
    clearTimeout(cut);
  }
}

/** A browser or a script that asks a station's URL over plain HTTP is told what it is for (RFC 9110 §15.5.22). */
function stationsOnly(server: FastifyInstance): void {
  server.get('/ocpp/*', (_request, reply) => {
    void reply
      .code(426)
      .headers({ upgrade: 'websocket', connection: 'Upgrade' })
      .type('text/plain; charset=utf-8')
      .send('This URL is for charging stations: open a WebSocket with the subprotocol ocpp1.6.\n');
  });
}

type ListenOptions = { readonly host: string; readonly port: number };

async function listen(
  on: (options: ListenOptions) => Promise<unknown>,
  host: string,
  port: number,
): Promise<void> {
  try {
    await on({ host, port });
  } catch (error) {
    // The default listens on IPv6 and IPv4 at once; a machine without IPv6 has no such address.
    if (host !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await on({ host: '0.0.0.0', port });
  }
}

async function listening(server: Server, options: ListenOptions): Promise<void> {
  server.listen(options);
  await once(server, 'listening');
}

async function closedServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}

const portOf = (server: { address: Server['address'] }) => (server.address() as AddressInfo).port;
