// Who asks for a token: HTTP Basic or client_id and client_secret among the parameters (RFC 6749 §2.3.1).

import { hashedSecret, isSecret } from '../domain/index.ts';
import type { RegisteredApiClient } from '../domain/index.ts';
import { TokenError } from './errors.ts';

export type ClientCredentials = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly byBasic: boolean;
};

/**
 * Answers the credentials that a token request carries.
 *
 * @throws {TokenError} invalid_request when there are none or two kinds; invalid_client for a broken Basic header
 */
export function clientCredentials(
  authorization: string | undefined,
  parameters: ReadonlyMap<string, string>,
): ClientCredentials {
  const clientId = parameters.get('client_id');
  const clientSecret = parameters.get('client_secret');
  if (authorization !== undefined) {
    const basic = basicCredentials(authorization);
    if (clientSecret !== undefined || (clientId !== undefined && clientId !== basic.clientId)) {
      throw new TokenError('invalid_request', 'The client authenticates in two ways at once.');
    }
    return basic;
  }
  if (clientId === undefined) throw new TokenError('invalid_request', 'The parameter client_id is missing.');
  if (clientSecret === undefined)
    throw new TokenError('invalid_request', 'The parameter client_secret is missing.');
  return { clientId, clientSecret, byBasic: false };
}

function basicCredentials(authorization: string): ClientCredentials {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) throw invalidClient(true);
  try {
    return {
      clientId: formDecoded(decoded.slice(0, colon)),
      clientSecret: formDecoded(decoded.slice(colon + 1)),
      byBasic: true,
    };
  } catch {
    throw invalidClient(true);
  }
}

// RFC 6749 §2.3.1: both halves are form-urlencoded before they are joined and base64-encoded.
function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

// An unknown client costs the same work as a wrong secret, so that answers' times do not tell which ids exist.
const nobodysHash = hashedSecret('nobody has this secret');

/**
 * Answers the API client whose credentials these are.
 *
 * @param find       looks an API client up by its id
 * @param tenantSlug the tenant on whose host was asked; undefined on the bare host, where any tenant's client may ask
 * @throws {TokenError} invalid_client when id or secret are wrong, or the client is another tenant's
 */
export async function authenticatedClient(
  credentials: ClientCredentials,
  find: (clientId: string) => Promise<RegisteredApiClient | undefined>,
  tenantSlug: string | undefined,
): Promise<RegisteredApiClient> {
  const client = await find(credentials.clientId);
  const isRight = isSecret(credentials.clientSecret, client?.secretHash ?? nobodysHash);
  if (client === undefined || !isRight || (tenantSlug !== undefined && tenantSlug !== client.tenantSlug)) {
    throw invalidClient(credentials.byBasic);
  }
  return client;
}

// RFC 6749 §5.2 asks for 401 only where the Authorization header was used; Amazon Cognito answers 400 to the rest.
function invalidClient(byBasic: boolean): TokenError {
  return new TokenError(
    'invalid_client',
    'There is no API client with this client_id and client_secret.',
    byBasic
      ? { status: 401, headers: { 'www-authenticate': 'Basic realm="Chargeyard", charset="UTF-8"' } }
      : {},
  );
}
