// Where a station connects to: the central system's URL with the station's identity as the last path segment
// (OCPP-J 1.6 §3.1.1).

/**
 * Answers the WebSocket URL of one station.
 *
 * @param url      `ws://host:port/path` or `wss://…`, with or without a slash at the end, without query and fragment
 * @param identity appended URL-encoded
 * @throws {TypeError} with one sentence, when url is not such a URL
 */
export function stationUrl(url: string, identity: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:')) {
    throw new TypeError(`"${url}" is not a WebSocket URL such as ws://localhost:8080/ocpp/demo.`);
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new TypeError(`"${url}" must end with its path: the station's identity is appended to it.`);
  }
  return `${parsed.href.replace(/\/+$/, '')}/${encodeURIComponent(identity)}`;
}
