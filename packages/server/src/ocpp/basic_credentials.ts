// HTTP Basic (RFC 7617), as stations use it (OCPP 1.6J §6.2.2).

export type BasicCredentials = { readonly user: string; readonly password: string };

const basic = /^ *basic +([A-Za-z0-9+/_-]+=*) *$/i;

/**
 * Reads an Authorization header.
 *
 * @returns user name and password, decoded as UTF-8; undefined if there is no header, another scheme, or no colon
 */
export function readBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  const encoded = header === undefined ? undefined : basic.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
