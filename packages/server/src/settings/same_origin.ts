// Cross-site request forgery: what changes something must come from a page of our own, or from no browser at all. Browsers
// say where a request comes from, and no page can make them say otherwise.

import type { IncomingHttpHeaders } from 'node:http';
import { refused } from '../json_api/index.ts';

/**
 * Checks where a request comes from, by Sec-Fetch-Site (Fetch Metadata), of an older browser by Origin (RFC 6454 §7).
 *
 * @param origin the origin that was asked
 * @throws {RequestRefused} cross_site_request; another tenant's host is another site
 */
export function requireSameOrigin(headers: IncomingHttpHeaders, origin: string): void {
  const site = headers['sec-fetch-site'];
  const from = headers.origin;
  const isOurs =
    site === undefined
      ? from === undefined || hostOf(from) === hostOf(origin)
      : site === 'same-origin' || site === 'none';
  if (isOurs) return;
  throw refused('cross_site_request', 'A signed-in user’s changes come from this host’s own pages only.', {
    source: { header: site === undefined ? 'Origin' : 'Sec-Fetch-Site' },
  });
}

// The scheme is not compared: a proxy that nobody declared trusted hides it.
const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);
