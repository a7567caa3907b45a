// The door of the resource server: the be.ENERGISED CPO API below /api/cpoapi/v1.

import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Principal } from '../domain/index.ts';
import type { Store } from '../store/index.ts';
import { chargingStationRoutes } from './charging_stations.ts';
import { answerError, refused } from './errors.ts';
import { addRoute } from './routes.ts';

export { answerError, errorDocument, refused } from './errors.ts';

const basePath = '/api/cpoapi/v1';

export async function registerCpoApi(
  app: FastifyInstance,
  deps: {
    store: Pick<Store, 'chargingStations'>;
    clock: Clock;
    authenticate: (accessToken: string) => Promise<Principal>;
    tenantSlugOfHost: (host: string | undefined) => string | undefined;
  },
): Promise<void> {
  const { store, clock, tenantSlugOfHost } = deps;
  await app.register(
    async (api) => {
      // Bodies are read by the resources themselves, whatever media type they come with.
      api.removeAllContentTypeParsers();
      api.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      api.setErrorHandler(answerError);
      api.setNotFoundHandler((request, reply) => {
        answerError(refused('not_found', 'There is no such path in the CPO API.'), request, reply);
      });
      const routes = [...chargingStationRoutes({ store, clock })];
      for (const route of routes) addRoute(api, route, { authenticate: deps.authenticate, tenantSlugOfHost });
    },
    { prefix: basePath },
  );
}
