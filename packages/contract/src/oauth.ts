// The wire shapes of the authorization server: RFC 6749 §5 with the members that the CPO API's quickstart shows.

import { Type } from 'typebox';
import type { Static } from 'typebox';

/** Answer of the token endpoint (RFC 6749 §5.1). `expires_in` is in seconds. */
export const TokenResponse = Type.Object(
  {
    access_token: Type.String(),
    scope: Type.Optional(Type.String()),
    expires_in: Type.Integer({ minimum: 1 }),
    token_type: Type.Literal('Bearer'),
  },
  { additionalProperties: false },
);
export type TokenResponse = Static<typeof TokenResponse>;

/** Error of the token endpoint (RFC 6749 §5.2). */
export const TokenErrorResponse = Type.Object(
  { error: Type.String(), error_description: Type.String() },
  { additionalProperties: false },
);
export type TokenErrorResponse = Static<typeof TokenErrorResponse>;
