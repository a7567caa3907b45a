// Host names: `<slug>.<base domain>` is a tenant's host, every other host is the bare one. And the origin (scheme and
// host) that a client asked, from which absolute links are made, and the address that it asked from.

import { BlockList, isIP } from 'node:net';
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

/**
 * Answers a function that tells whether an address is a trusted proxy's.
 *
 * @param trustedProxies IP addresses and CIDR networks
 */
export function trustedBy(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', prefix] = network.split('/');
    const family = familyOf(address);
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (text) => {
    const address = withoutPort(text);
    return isIP(address) !== 0 && trusted.check(address, familyOf(address));
  };
}

/** Answers the address that a request came from; some proxies (Azure's) write its port behind it in X-Forwarded-For. */
export function addressOf({ ip }: FastifyRequest): string {
  return withoutPort(ip);
}

/** Answers an IP address of the form `192.0.2.1:443` or `[2001:db8::1]:443` without the port. */
export function withoutPort(address: string): string {
  const [, v6, v4] = /^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(address) ?? [];
  return v6 ?? v4 ?? address;
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
