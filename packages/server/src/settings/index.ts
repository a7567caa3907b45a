// The door of the room: what administrators do, below /api/settings/v1. And the sessions of who signed in there, which
// other APIs take, too.

import { companies } from '@chargeyard/contract/resources/companies';
import { sessionSecurityScheme } from '@chargeyard/contract/session';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UserPrincipal } from '../domain/index.ts';
import { descriptionPath, registerResources, registryOf, resourceRoutes } from '../json_api/index.ts';
import type { CountRequest, Referable, ResourceDeps } from '../json_api/index.ts';
import { apiClientRoutes } from './api_clients.ts';
import { ocppPasswords } from './ocpp_passwords.ts';
import { sessionRoutes } from './session.ts';
import { createSessions, notSignedIn } from './sessions.ts';
import { createSignInThrottle } from './sign_in_throttle.ts';
import { tenantRoutes } from './tenant.ts';
import { users } from './users.ts';

const basePath = '/api/settings/v1';
export const settingsDescriptionUrl = basePath + descriptionPath;

/** What users and API clients may be bound to. */
const companiesSeenByOthers: Referable = {
  declaration: companies,
  find: (tables, visibility, id, now) => tables.companies.find(visibility, id, now),
};

export type Settings = {
  register(app: FastifyInstance): Promise<void>;
  /**
   * Answers whose session the request's cookie tells; undefined when it has none.
   *
   * @throws {RequestRefused} not_signed_in, cross_site_request
   */
  authenticateSession(request: FastifyRequest): Promise<UserPrincipal | undefined>;
};

export function createSettings(
  given: Omit<ResourceDeps, 'registry'> & {
    readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
    readonly countRequest: CountRequest | undefined;
  },
): Settings {
  const deps = { ...given, registry: registryOf([], [companiesSeenByOthers]) };
  const sessions = createSessions(deps);
  const throttle = createSignInThrottle(deps.clock);
  return {
    authenticateSession: (request) => sessions.authenticate(request),
    register: (app) =>
      registerResources<UserPrincipal>(app, {
        basePath,
        routes: [
          ...sessionRoutes({ ...deps, sessions, throttle }),
          ...apiClientRoutes(deps),
          ...resourceRoutes(ocppPasswords, deps),
          ...tenantRoutes(deps),
          ...resourceRoutes(users, deps),
        ],
        countRequest: deps.countRequest,
        async authenticate(request) {
          const user = await sessions.authenticate(request);
          if (user === undefined) throw notSignedIn('Sign in first: POST email and password to /session.');
          return user;
        },
        description: {
          title: 'Chargeyard settings API',
          summary: 'Users, API clients and the tenant’s settings, for people who sign in.',
          description:
            'Sign in with POST /session; the cookie that it sets tells who asks, here and at the CPO API. What a user may ' +
            'do follows from the role. Requests that change something are refused when they come from another site.',
          securitySchemes: () => ({ session: sessionSecurityScheme }),
          securityOf: (scope) => [{ session: [scope] }],
        },
      }),
  };
}
