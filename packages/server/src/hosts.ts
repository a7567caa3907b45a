// Host names: `<slug>.<base domain>` is a tenant's host, every other host is the bare one. And the origin (scheme and
// host) that a client asked, from which absolute links are made.

import type { FastifyRequest } from 'fastify';

/**
 * Answers the slug that a host name carries.
 *
 * @param host       a Host header's value, with or without a port
 * @param baseDomain such as `localhost` or `charging.example`
 * @returns undefined on the base domain itself and on hosts outside of it, an IP address for instance
 */
export function tenantSlugOfHost(host: string | undefined, baseDomain: string): string | undefined {
  const name = host?.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
  const suffix = `.${baseDomain}`;
  return name?.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : undefined;
}

/** Answers the origin that was asked, such as `https://demo.charging.example`; behind a trusted proxy the forwarded one. */
export function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
