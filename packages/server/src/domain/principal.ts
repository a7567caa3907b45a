// Who is asking, after the check.

import type { Visibility } from './visibility.ts';

/** An API client asks with an access token, a user with a session. */
export type PrincipalKind = 'api_client' | 'user';

export type Principal = {
  readonly kind: PrincipalKind;
  /** Tells callers of a tenant apart: an API client's `client_id`, or `user/<number>`. */
  readonly callerId: string;
  readonly tenantSlug: string;
  readonly scopes: readonly string[];
  readonly visibility: Visibility;
};

/** Answers what a sentence to the principal begins with. */
export function called({ kind }: Pick<Principal, 'kind'>): string {
  return { api_client: 'An API client', user: 'A user' }[kind];
}
