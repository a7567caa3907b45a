// The only wiring: the rooms are built here, handed what they need, started and stopped in order.

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { apiReference } from './api_reference.ts';
import type { Clock } from './clock.ts';
import { descriptionUrl, registerCpoApi } from './cpoapi/index.ts';
import { healthEndpoints } from './health.ts';
import { startHousekeeping } from './housekeeping.ts';
import { hostBehind, tenantSlugOfHost } from './hosts.ts';
import { createHttpServer } from './http_server.ts';
import { createAuthorizationServer } from './oauth/index.ts';
import { bootAdmission, createOcppGateway } from './ocpp/index.ts';
import { requestCounter } from './json_api/index.ts';
import type { RateLimit } from './json_api/index.ts';
import { createSettings, settingsDescriptionUrl } from './settings/index.ts';
import type { Store } from './store/index.ts';

const largestFrameBytes = 262_144;
// A client that never finishes its request must not keep the server from stopping.
const requestsEndWithinMs = 5_000;

export type App = {
  /** The port that the server listens on. */
  readonly port: number;
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
  readonly baseDomain: string;
  readonly node: string;
  readonly trustedProxies: readonly string[];
  readonly heartbeatSeconds: number;
  /** For each API client. */
  readonly rateLimit: RateLimit | undefined;
};

/**
 * Starts serving. The store stays the caller's to close.
 *
 * @throws an error with `code` EADDRINUSE or EACCES when the port cannot be had
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
  const hostOf = hostBehind(deps.trustedProxies);
  const gateway = createOcppGateway({
    log: log.child({ room: 'ocpp' }),
    clock,
    newId,
    node,
    admitBoot: bootAdmission(deps.heartbeatSeconds, () => store.stationFacts.waitingCount()),
    maxFrameBytes: largestFrameBytes,
    tenantSlugOf: (request) => slugOfHost(hostOf(request)),
    findStation: (slug, identity) => store.chargingStations.findAtTheDoor(slug, identity),
    record: (fact) => store.stationFacts.record(fact),
    note: (what) => store.communicationWriter.add(what),
    driverAuthorization: store.driverAuthorization,
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
    stationDeleted: (id) => gateway.letGo(id),
    tokenEndpoint: authorizationServer.description,
  });
  apiReference(server, [
    { path: '/docs', title: 'CPO API', descriptionUrl },
    { path: '/docs/settings', title: 'Settings API', descriptionUrl: settingsDescriptionUrl },
  ]);
  stationsOnly(server);
  server.server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head));

  await store.closeLeftConnections(node, clock.now());
  const housekeeping = await startHousekeeping({ store, clock, log });
  await listen(server, deps.host, deps.port);
  return {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      const closed = server.close();
      const cut = setTimeout(() => server.server.closeAllConnections(), requestsEndWithinMs);
      await gateway.close();
      await housekeeping.close();
      await closed;
      clearTimeout(cut);
    },
  };
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

async function listen(server: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    // The default listens on IPv6 and IPv4 at once; a machine without IPv6 has no such address.
    if (host !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await server.listen({ host: '0.0.0.0', port });
  }
}
