// What the API's description (OpenAPI 3.1) says of who may ask: access tokens of API clients, sessions of users.

import { allRights, scopes } from '@chargeyard/contract/scopes';
import { sessionSecurityScheme } from '@chargeyard/contract/session';

/** What the room must be told of the token endpoint. */
export type TokenEndpoint = {
  readonly tokenPath: string;
  readonly paths: Readonly<Record<string, object>>;
  readonly securitySchemes: Readonly<Record<string, object>>;
};

/** @param origin where the token endpoint is */
export function securitySchemes({ tokenPath, securitySchemes: itsOwn }: TokenEndpoint, origin: string) {
  return {
    ...itsOwn,
    oauth2: {
      type: 'oauth2',
      flows: {
        clientCredentials: {
          tokenUrl: origin + tokenPath,
          scopes: Object.fromEntries(scopes.map((scope) => [scope, sentenceOfScope(scope)])),
        },
      },
    },
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An access token. The header may hold the token alone, too, without the word Bearer.',
    },
    session: sessionSecurityScheme,
  };
}

export const securityOf = (scope: string) => [{ oauth2: [scope] }, { bearer: [] }, { session: [scope] }];

function sentenceOfScope(scope: string): string {
  if (scope === allRights) return 'Everything.';
  const [, type = '', right] = scope.split(':');
  const rights: Readonly<Record<string, string>> = { write: 'Read and change', execute: 'Read and send' };
  return `${rights[right ?? ''] ?? 'Read'} ${type.replaceAll('_', ' ')}.`;
}
