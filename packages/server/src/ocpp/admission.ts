// Who may connect: path, tenant, station, what its security profile asks for, in this order. Only decides; the handshake is
// gateway.ts's.

import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { createCounts } from '../counts.ts';
import { checkedIdentity, checkedSlug, Conflict, Invalid } from '../domain/index.ts';
import type {
  CertificateApplicant,
  ClientCertificate,
  StationAccess,
  StationHabits,
  StationRefused,
} from '../domain/index.ts';
import { proofOf, refusalOf, refusalOfUnknown, wrongCredentials } from './authentication.ts';
import type { Shown } from './authentication.ts';
import { readBasicCredentials } from './basic_credentials.ts';
import type { BasicCredentials } from './basic_credentials.ts';
import type { Refusal } from './http_refusal.ts';
import { createPasswordThrottle } from './password_throttle.ts';
import { readStationUrl } from './station_url.ts';
import type { StationUrl } from './station_url.ts';
import { offeredSubprotocols } from './subprotocols.ts';

export type AdmissionDeps = {
  readonly clock: Clock;
  /** Who sent the handshake; behind a trusted proxy, who that says it was. */
  readonly peerOf: (request: IncomingMessage) => {
    readonly host: string | undefined;
    readonly address: string;
    readonly isEncrypted: boolean;
    readonly clientCertificate: ClientCertificate | undefined;
  };
  /** The tenant whose host it is; undefined for the bare host. */
  readonly tenantSlugOfHost: (host: string | undefined) => string | undefined;
  /** Answers undefined where there is no such tenant. */
  readonly findStationAccess: (slug: string, identity: string) => Promise<StationAccess | undefined>;
  /** Creates a station of which nothing but its identity is known; throws {Conflict} when there is one already. */
  readonly createStation: (tenantId: string, identity: string) => Promise<void>;
  /** Makes what a station was told to connect with its own: it has done so. */
  readonly offerTaken: (tenantId: string, chargingStationId: string) => Promise<void>;
  /** Told of refusals, for the operator. */
  readonly noteRefusal: (refused: StationRefused) => void;
  /** Answers a number from 0 up to 1, another one each time. */
  readonly random: () => number;
};

export type AdmittedStation = Omit<CertificateApplicant, 'isProven'> & {
  /** What it showed when it connected, if no other station has that (`proofOf`). */
  readonly proof: string | undefined;
  readonly tenantId: string;
  readonly slug: string;
  readonly habits: StationHabits;
};

export type Admission =
  | {
      readonly station: AdmittedStation;
      readonly assumedSubprotocol: string | undefined;
      /** For what is found wrong with it later. */
      readonly noteRefusal: (reason: string) => void;
    }
  | { readonly refusal: Refusal; readonly identity?: string; readonly cause?: unknown };

const unknownStation: Refusal = {
  status: 404,
  reason:
    'There is no charging station of this identity here. Create it first, and check the tenant and the URL.',
};

// What is kept of the subprotocols that a station offers.
const mostOffered = 10;
const longestOffered = 50;

// Where everybody is let in without a password, whoever knocks creates stations: as many a minute, for each tenant.
const createdPerMinute = 100;

/** Answers a function that decides on upgrade requests. */
export function createAdmission(deps: AdmissionDeps): (request: IncomingMessage) => Promise<Admission> {
  const throttle = createPasswordThrottle(deps.clock);
  const created = createCounts(60_000);

  /**
   * @returns the station, or the refusal: 400 broken percent-encoding; 401 wrong or missing password; 403 transport or client
   *   certificate; 404 path, tenant or station unknown (OCPP 1.6J §3.2); 429 too many wrong passwords; 503 if the look-up
   *   failed, with its cause. Never rejects.
   */
  return async (request) => {
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
    const { host, ...peer } = deps.peerOf(request);
    const credentials = readBasicCredentials(request.headers.authorization);
    const tenant = tenantOf(url, deps.tenantSlugOfHost(host), credentials);
    if (tenant === 'unauthenticated') return { refusal: wrongCredentials, identity };
    if (tenant === 'unknown') return { refusal: unknownStation, identity };
    const { slug } = tenant;
    // The forms are checked before the store is asked: text such as U+0000 is an error to it, not just unknown.
    if (!isOfForm(checkedSlug, slug) || !isOfForm(checkedIdentity, identity)) {
      return { refusal: unknownStation, identity };
    }
    const place = { slug, identity, address: peer.address };
    const waitMs = throttle.waitMs(place);
    if (waitMs > 0) return { refusal: tooManyAttempts(waitMs), identity };
    try {
      const shown = { ...place, ...peer, credentials };
      return await decided(shown, {
        access: await deps.findStationAccess(slug, identity),
        subprotocols: offeredSubprotocols(request)
          .slice(0, mostOffered)
          .map((text) => text.slice(0, longestOffered)),
      });
    } catch (cause) {
      return { refusal: storeIsAway(deps.random), identity, cause };
    }
  };

  async function decided(
    shown: Shown & { readonly address: string },
    { access, subprotocols }: { access: StationAccess | undefined; subprotocols: readonly string[] },
  ): Promise<Admission> {
    const { slug, identity, address } = shown;
    if (access === undefined) return { refusal: unknownStation, identity };
    const { tenantId, station } = access;
    const note = (who: StationRefused['who']) =>
      deps.noteRefusal({ tenantId, at: deps.clock.now(), address, who });
    if (station === undefined) {
      const refusal =
        access.unknownChargingStations === 'accept'
          ? refusalOfUnknown(access.tenantPasswordHashes, shown)
          : unknownStation;
      if (refusal === undefined) return await createdFor(shown, access, subprotocols);
      note({ identity, subprotocols });
      countFailure(refusal, shown);
      return { refusal, identity };
    }
    const noteRefusal = (reason: string) => note({ chargingStationId: station.id, reason });
    const offered = station.offered && { id: station.id, ...station.offered };
    const takesOffer =
      offered !== undefined && refusalOf(offered, access.tenantPasswordHashes, shown) === undefined;
    if (takesOffer) await deps.offerTaken(tenantId, station.id);
    const refusal = takesOffer ? undefined : refusalOf(station, access.tenantPasswordHashes, shown);
    if (refusal !== undefined) {
      noteRefusal(refusal.reason);
      countFailure(refusal, shown);
      return { refusal, identity };
    }
    throttle.succeeded(shown);
    return {
      station: {
        tenantId,
        chargingStationId: station.id,
        slug,
        identity,
        proof: proofOf(takesOffer ? offered : station),
        habits: station.habits,
      },
      assumedSubprotocol: station.assumedSubprotocol,
      noteRefusal,
    };
  }

  async function createdFor(
    shown: Shown & { readonly address: string },
    { tenantId, tenantPasswordHashes }: StationAccess,
    subprotocols: readonly string[],
  ): Promise<Admission> {
    const { slug, identity } = shown;
    if (tenantPasswordHashes.length === 0) {
      const { count } = created.add(tenantId, deps.clock.now().getTime());
      if (count > createdPerMinute) return { refusal: tooManyNew(deps.random), identity };
    }
    try {
      await deps.createStation(tenantId, identity);
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof Conflict)) throw error;
    }
    const access = await deps.findStationAccess(slug, identity);
    // Deleted again in between, or the tenant’s rule is another one now: it may try again.
    if (access?.station === undefined) return { refusal: unknownStation, identity };
    return await decided(shown, { access, subprotocols });
  }

  /** Without a password nothing was guessed: many stations ask without one first. */
  function countFailure({ status }: Refusal, shown: Shown & { readonly address: string }): void {
    if (status === 401 && shown.credentials !== undefined) throttle.failed(shown);
  }
}

/** Retries are spread over half a minute, so that a fleet does not come again at once. */
export function laterBy(random: () => number): { readonly 'Retry-After': string } {
  return { 'Retry-After': String(10 + Math.floor(random() * 30)) };
}

const storeIsAway = (random: () => number): Refusal => ({
  status: 503,
  reason: 'Charging stations cannot be looked up at the moment. Please connect again later.',
  headers: laterBy(random),
});

const tooManyNew = (random: () => number): Refusal => ({
  status: 503,
  reason: 'Too many new charging stations come at the moment. Please connect again later.',
  headers: laterBy(random),
});

const tooManyAttempts = (waitMs: number): Refusal => ({
  status: 429,
  reason: 'Too many wrong passwords from this address. Please connect again later.',
  headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
});

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

function isOfForm(check: (text: string) => string, text: string): boolean {
  try {
    check(text);
    return true;
  } catch (error) {
    if (error instanceof Invalid) return false;
    throw error;
  }
}
