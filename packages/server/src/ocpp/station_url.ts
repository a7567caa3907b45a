// Where a station connects to (OCPP 1.6J §3.1.1): three forms of path, all below /ocpp.

/**
 * What a path says. `tenant` tells where the tenant's slug comes from: the host name, the path, or – be.ENERGISED's
 * form, so that in a station's settings only the host changes – the host name or else HTTP Basic's user name.
 */
export type StationUrl =
  | { readonly tenant: 'host'; readonly identity: string }
  | { readonly tenant: 'path'; readonly slug: string; readonly identity: string }
  | { readonly tenant: 'host_or_user'; readonly identity: string };

/**
 * Reads the request target of an upgrade. The query string is ignored; slashes may be doubled, and stand at the end, as
 * stations make them that put a URL and their identity together; the target may be in absolute form (RFC 9112 §3.2.2).
 *
 * @returns the URL's parts, percent-decoded; `unknown` if no station connects there; `malformed` if its percent
 *   encoding is broken
 */
export function readStationUrl(target: string): StationUrl | 'unknown' | 'malformed' {
  const path = target.replace(/[?#].*$/s, '').replace(/^(?:https?|wss?):\/\/[^/]*/i, '');
  const [room, ...encoded] = path.split('/').filter((segment) => segment !== '');
  if (!path.startsWith('/') || room !== 'ocpp') return 'unknown';
  const segments = encoded.map(decoded);
  if (segments.includes(undefined)) return 'malformed';
  const [first, second, third, fourth] = segments;
  if (first === undefined) return 'unknown';
  if (segments.length === 1) return { tenant: 'host', identity: first };
  if (segments.length === 2 && second !== undefined) return { tenant: 'path', slug: first, identity: second };
  const isEnergised = first === 'cp' && second === 'socket' && third === '16';
  if (segments.length === 4 && isEnergised && fourth !== undefined) {
    return { tenant: 'host_or_user', identity: fourth };
  }
  return 'unknown';
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
