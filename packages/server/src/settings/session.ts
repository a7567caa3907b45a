// session: signing in and out, who am I, and one's own password. An unknown email address, a wrong password and a user who
// may not sign in get the same answer after the same time.

import {
  password as passwordDeclaration,
  session as declaration,
} from '@chargeyard/contract/resources/session';
import type { SessionAttributes } from '@chargeyard/contract/resources/session';
import { writtenSchema } from '@chargeyard/contract/resource';
import {
  Invalid,
  faultsOfPassword,
  hashedPassword,
  isPassword,
  sessionLifetimeMs,
  throwAll,
} from '../domain/index.ts';
import type { UserPrincipal } from '../domain/index.ts';
import {
  bodyReader,
  documentOf,
  notKept,
  pointing,
  queryParameters,
  refused,
  throwFaults,
} from '../json_api/index.ts';
import type { Method, OpenMethod, OpenlyAsked, ResourceDeps, Route } from '../json_api/index.ts';
import { requireSameOrigin } from './same_origin.ts';
import { notSignedIn } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import type { SignInThrottle } from './sign_in_throttle.ts';

type Deps = ResourceDeps & {
  readonly sessions: Sessions;
  readonly throttle: SignInThrottle;
  readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
};

const path = '/session';

export function sessionRoutes(deps: Deps): Route<UserPrincipal>[] {
  return [
    { path, methods: { POST: signIn(deps), GET: whoAmI, DELETE: signOut(deps) } },
    { path: `${path}/password`, methods: { PUT: changePassword(deps) } },
  ];
}

function signIn({ store, sessions, throttle, tenantSlugOfHost }: Deps): OpenMethod {
  const read = bodyReader(declaration, 'creation');
  return {
    isOpen: true,
    does: {
      action: 'perform',
      name: 'signIn',
      summary: 'Sign in: sets the session’s cookie',
      resource: declaration,
      parameters: [],
      takes: writtenSchema(declaration, 'creation'),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      // Else another site could sign its visitors in as somebody else.
      requireSameOrigin(asked.headers, new URL(asked.url).origin);
      const body = read({ body: asked.body, contentType: asked.headers['content-type'] });
      throwFaults(body.faults);
      const { email, password } = body.attributes as { email: string; password: string };
      const slug = await pointing({ declaration, fieldOf: {} }, body, async () =>
        tenantSlugIn(body.attributes['tenant'], tenantSlugOfHost(new URL(asked.url).host)),
      );
      const tenant = await store.tenants.findBySlug(slug);
      const found = tenant && (await store.users.findByEmail(tenant.id, email));
      const passwordHash = found?.passwordHash;
      const attempt = throttle.begin(accountOf(slug, email, passwordHash), asked.address);
      try {
        const isRight = await isPassword(password, passwordHash);
        const begun =
          tenant !== undefined && found !== undefined && passwordHash !== undefined && isRight
            ? await store.inTransaction((tables) =>
                sessions.begin(tables, tenant, { user: found.user, passwordHash }, isSecure(asked)),
              )
            : undefined;
        if (begun === undefined)
          throw refused('invalid_credentials', 'There is no user with this email address and password.', {
            headers: { 'www-authenticate': 'Cookie realm="Chargeyard"' },
          });
        attempt.succeeded();
        return notKept({
          status: 200,
          json: sessionDocument(begun.principal, asked.url),
          headers: { 'set-cookie': begun.cookie },
        });
      } finally {
        attempt.ended();
      }
    },
  };
}

const whoAmI: Method<UserPrincipal> = {
  scope: 'settings:session:read',
  does: { action: 'read', resource: declaration, parameters: [], summary: 'Who am I, and what may I do?' },
  async answer(asked) {
    queryParameters(asked.query, []).throwFaults();
    return notKept({ status: 200, json: sessionDocument(asked.principal, asked.url) });
  },
};

function signOut({ store, sessions }: Deps): Method<UserPrincipal> {
  return {
    scope: 'settings:session:write',
    does: {
      action: 'remove',
      name: 'signOut',
      summary: 'Sign out: ends the session',
      resource: declaration,
      parameters: [],
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const { visibility, session } = asked.principal;
      await store.sessions.delete(visibility.tenantId, session.id);
      return { status: 204, headers: { 'set-cookie': sessions.takenCookie(isSecure(asked)) } };
    },
  };
}

function changePassword({ store, clock, sessions, throttle }: Deps): Method<UserPrincipal> {
  const read = bodyReader(passwordDeclaration, 'creation');
  return {
    scope: 'settings:session:write',
    does: {
      action: 'assign',
      name: 'changeOwnPassword',
      summary: 'Change one’s own password: ends all sessions, and begins a new one',
      resource: passwordDeclaration,
      parameters: [],
      takes: writtenSchema(passwordDeclaration, 'creation'),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const body = read({ body: asked.body, contentType: asked.headers['content-type'] });
      throwFaults(body.faults);
      const { currentPassword, newPassword } = body.attributes as Record<
        'currentPassword' | 'newPassword',
        string
      >;
      const { user, visibility, tenantSlug } = asked.principal;
      const { tenantId } = visibility;
      const from = (await store.users.findByEmail(tenantId, user.email))?.passwordHash;
      const attempt = throttle.begin(accountOf(tenantSlug, user.email, from), asked.address);
      try {
        const isRight = await isPassword(currentPassword, from);
        if (isRight) attempt.succeeded();
        await pointing(
          { declaration: passwordDeclaration, fieldOf: { newPassword: 'password' } },
          body,
          async () =>
            throwAll([
              ...(isRight
                ? []
                : [new Invalid('This is not the current password.', { field: 'currentPassword' })]),
              ...faultsOfPassword(newPassword, user),
            ]),
        );
        const to = await hashedPassword(newPassword);
        const begun = await store.inTransaction(async (tables) => {
          const change = { userId: user.id, from: String(from), to, now: clock.now() };
          if (!(await tables.users.replacePassword(tenantId, change))) return undefined;
          await tables.sessions.deleteOfUser(tenantId, user.id);
          const tenant = { id: tenantId, slug: tenantSlug };
          return sessions.begin(tables, tenant, { user, passwordHash: to }, isSecure(asked));
        });
        if (begun === undefined) throw notSignedIn('The session has ended.');
        return { status: 204, headers: { 'set-cookie': begun.cookie } };
      } finally {
        attempt.ended();
      }
    },
  };
}

/** Whom failures are counted for. Who gets another password begins anew, in every process, whoever gave it. */
const accountOf = (slug: string, email: string, passwordHash = '') =>
  `${slug}/${email.toLowerCase()}/${passwordHash}`;

/** @throws {Invalid} on the bare host, when the request names no tenant; on a tenant's, when it names another */
function tenantSlugIn(named: unknown, ofHost: string | undefined): string {
  const slug = named ?? ofHost;
  if (typeof slug !== 'string')
    throw new Invalid('Name the tenant, or sign in on its own host.', { field: 'tenant' });
  if (ofHost === undefined || slug === ofHost) return slug;
  throw new Invalid('This is the host of another tenant.', { field: 'tenant' });
}

const isSecure = ({ url }: OpenlyAsked) => ({ isSecure: url.startsWith('https:') });

function sessionDocument({ user, session, tenantSlug, scopes }: UserPrincipal, self: string): string {
  const { id, email, firstName, lastName, role, company } = user;
  const attributes: Omit<SessionAttributes, 'password'> = {
    tenant: tenantSlug,
    email,
    userId: id,
    firstName,
    lastName,
    role,
    scopes: [...scopes],
    companyUuid: company?.companyId ?? null,
    visibility: company === undefined ? null : company.withSubordinates ? 'subtree' : 'company',
    startedAt: session.startedAt.toISOString(),
    endsAt: new Date(session.startedAt.getTime() + sessionLifetimeMs).toISOString(),
  };
  return documentOf(JSON.stringify({ type: declaration.type, id: session.id, attributes }), self);
}
