// Who may connect: path, tenant, station, password, in this order. Only decides; the handshake is gateway.ts's.

import type { IncomingMessage } from 'node:http';
import { checkedIdentity, checkedSlug, Invalid, isSecret } from '../domain/index.ts';
import type { StationHabits } from '../domain/index.ts';
import { readBasicCredentials } from './basic_credentials.ts';
import type { BasicCredentials } from './basic_credentials.ts';
import type { Refusal } from './http_refusal.ts';
import { readStationUrl } from './station_url.ts';
import type { StationUrl } from './station_url.ts';

export type AdmissionDeps = {
  /** The tenant on whose host the handshake was sent; undefined on the bare host. */
  readonly tenantSlugOf: (request: IncomingMessage) => string | undefined;
  readonly findStation: (
    slug: string,
    identity: string,
  ) => Promise<
    | {
        readonly tenantId: string;
        readonly chargingStationId: string;
        readonly passwordHash: string | undefined;
        readonly habits: StationHabits;
      }
    | undefined
  >;
};

export type AdmittedStation = {
  readonly tenantId: string;
  readonly chargingStationId: string;
  readonly slug: string;
  readonly identity: string;
  readonly habits: StationHabits;
};

export type Admission =
  | { readonly station: AdmittedStation }
  | { readonly refusal: Refusal; readonly identity?: string; readonly cause?: unknown };

const unknownStation: Refusal = {
  status: 404,
  reason:
    'There is no charging station of this identity here. Create it first, and check the tenant and the URL.',
};
const wrongCredentials: Refusal = {
  status: 401,
  reason:
    'This charging station needs HTTP Basic: its identity or the tenant as user name, and its own password.',
  headers: { 'WWW-Authenticate': 'Basic realm="chargeyard", charset="UTF-8"' },
};
const storeIsAway: Refusal = {
  status: 503,
  reason: 'Charging stations cannot be looked up at the moment. Please connect again later.',
  headers: { 'Retry-After': '10' },
};

/**
 * Decides on an upgrade request.
 *
 * @returns the station, or the refusal: 400 broken percent-encoding; 401 wrong or missing password; 404 path, tenant
 *   or station unknown (OCPP 1.6J §3.2); 503 if the look-up failed, with its cause. Never rejects.
 */
export async function admission(request: IncomingMessage, deps: AdmissionDeps): Promise<Admission> {
  const url = readStationUrl(request.url ?? '');
  if (url === 'malformed') {
    return {
      refusal: { status: 400, reason: 'The percent-encoding of this URL is broken (RFC 3986 §2.1).' },
    };
  }
  if (url === 'unknown') {
    return {
      refusal: {
        status: 404,
        reason: 'Charging stations connect to /ocpp/<identity> or /ocpp/<tenant>/<identity>.',
      },
    };
  }
  const { identity } = url;
  const credentials = readBasicCredentials(request.headers.authorization);
  const tenant = tenantOf(url, deps.tenantSlugOf(request), credentials);
  if (tenant === 'unauthenticated') return { refusal: wrongCredentials, identity };
  if (tenant === 'unknown') return { refusal: unknownStation, identity };
  const { slug } = tenant;
  // The forms are checked before the store is asked: text such as U+0000 is an error to it, not just unknown.
  if (!isOfForm(checkedSlug, slug) || !isOfForm(checkedIdentity, identity)) {
    return { refusal: unknownStation, identity };
  }
  try {
    const found = await deps.findStation(slug, identity);
    if (found === undefined) return { refusal: unknownStation, identity };
    const { tenantId, chargingStationId, passwordHash, habits } = found;
    if (passwordHash !== undefined && !isAuthentic(credentials, slug, identity, passwordHash)) {
      return { refusal: wrongCredentials, identity };
    }
    return { station: { tenantId, chargingStationId, slug, identity, habits } };
  } catch (cause) {
    return { refusal: storeIsAway, identity, cause };
  }
}

type Tenant = { readonly slug: string } | 'unknown' | 'unauthenticated';

function tenantOf(
  url: StationUrl,
  slugOfHost: string | undefined,
  credentials: BasicCredentials | undefined,
): Tenant {
  if (url.tenant === 'path') {
    // A host that names another tenant than the path is a mistake in the station's settings, or a probe.
    return slugOfHost === undefined || slugOfHost === url.slug ? { slug: url.slug } : 'unknown';
  }
  if (slugOfHost !== undefined) return { slug: slugOfHost };
  if (url.tenant === 'host') return 'unknown';
  // Asked for credentials, a station that has some sends them, and they name the tenant.
  return credentials === undefined ? 'unauthenticated' : { slug: credentials.user };
}

function isAuthentic(
  credentials: BasicCredentials | undefined,
  slug: string,
  identity: string,
  passwordHash: string,
): boolean {
  if (credentials === undefined) return false;
  if (credentials.user !== identity && credentials.user !== slug) return false;
  return isSecret(credentials.password, passwordHash);
}

function isOfForm(check: (text: string) => string, text: string): boolean {
  try {
    check(text);
    return true;
  } catch (error) {
    if (error instanceof Invalid) return false;
    throw error;
  }
}
