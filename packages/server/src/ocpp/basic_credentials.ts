// HTTP Basic (RFC 7617), as stations use it (OCPP 1.6J §6.2.2).

/** The password as bytes: some stations send the bytes that their AuthorizationKey stands for, which are no text. */
export type BasicCredentials = { readonly user: string; readonly password: Buffer };

const basic = /^ *basic +([A-Za-z0-9+/_-]+=*) *$/i;
const colon = 0x3a;

/**
 * Reads an Authorization header.
 *
 * @returns user name, decoded as UTF-8, and password; undefined if there is no header, another scheme, or no colon
 */
export function readBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  const encoded = header === undefined ? undefined : basic.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const at = bytes.indexOf(colon);
  if (at === -1) return undefined;
  return { user: bytes.subarray(0, at).toString('utf8'), password: bytes.subarray(at + 1) };
}
