// Sessions over HTTP: a cookie names the tenant and holds a random token. It belongs to the host that set it, scripts
// cannot read it, and no other site's request carries it (SameSite) or may use it (same_origin.ts).

import { sessionCookie } from '@chargeyard/contract/session';
import type { FastifyRequest } from 'fastify';
import { hashedSessionToken, sessionLifetimeMs, userPrincipal } from '../domain/index.ts';
import type { Tenant, UserPrincipal } from '../domain/index.ts';
import { originOf } from '../hosts.ts';
import { newId, newSecret } from '../ids.ts';
import { refused } from '../json_api/index.ts';
import type { ResourceDeps } from '../json_api/index.ts';
import type { Tables } from '../store/index.ts';
import { requireSameOrigin } from './same_origin.ts';

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({
  store,
  clock,
  tenantSlugOfHost,
}: ResourceDeps & { tenantSlugOfHost: (host: string | undefined) => string | undefined }) {
  return {
    /** Answers whose session the cookie tells, as the user is now; undefined without a cookie. */
    async authenticate(request: FastifyRequest): Promise<UserPrincipal | undefined> {
      const cookie = sessionCookieIn(request.headers.cookie);
      if (cookie === undefined) return undefined;
      if (!['GET', 'HEAD'].includes(request.method)) requireSameOrigin(request.headers, originOf(request));
      const { slug, token } = cookie;
      const isHere = (tenantSlugOfHost(request.host) ?? slug) === slug;
      const tenant = isHere ? await store.tenants.findBySlug(slug) : undefined;
      const found = tenant && (await store.sessions.find(tenant.id, hashedSessionToken(token), clock.now()));
      if (tenant === undefined || found === undefined) throw notSignedIn('The session has ended.');
      return userPrincipal(tenant, found);
    },

    /**
     * Begins a session.
     *
     * @param user whose password was checked against `passwordHash`
     * @returns the principal, and the Set-Cookie header that makes a browser it; undefined when the user was changed
     *          meanwhile
     */
    async begin(
      tables: Tables,
      tenant: Tenant,
      { user, passwordHash }: { user: UserPrincipal['user']; passwordHash: string },
      { isSecure }: { isSecure: boolean },
    ): Promise<{ principal: UserPrincipal; cookie: string } | undefined> {
      const now = clock.now();
      const token = newSecret();
      const id = newId();
      const hasBegun = await tables.sessions.insert({
        tenantId: tenant.id,
        id,
        userId: user.id,
        passwordHash,
        tokenHash: hashedSessionToken(token),
        now,
      });
      if (!hasBegun) return undefined;
      return {
        principal: userPrincipal(tenant, { user, session: { id, startedAt: now } }),
        cookie: setCookie(`${tenant.slug}.${token}`, sessionLifetimeMs / 1000, isSecure),
      };
    },

    /** Answers the Set-Cookie header that takes the cookie away. */
    takenCookie: ({ isSecure }: { isSecure: boolean }) => setCookie('', 0, isSecure),
  };
}

export function notSignedIn(detail: string) {
  return refused('not_signed_in', detail, {
    headers: { 'www-authenticate': `Cookie realm="Chargeyard", cookie-name="${sessionCookie}"` },
  });
}

function setCookie(value: string, maxAgeSeconds: number, isSecure: boolean): string {
  const attributes = [`Max-Age=${maxAgeSeconds}`, 'Path=/', 'HttpOnly', 'SameSite=Strict'];
  return [`${sessionCookie}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}

/** RFC 6265 §5.4. A value of another form is no session's, but it says that somebody wants to be signed in. */
function sessionCookieIn(header: string | undefined): { slug: string; token: string } | undefined {
  const prefix = `${sessionCookie}=`;
  const value = header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length);
  if (value === undefined || value === '') return undefined;
  const [slug = '', token = ''] = value.split('.');
  return { slug, token };
}
