// Who is asking, after the check.

import type { Visibility } from './visibility.ts';

export type Principal = {
  /** Tells callers of a tenant apart: an API client's `client_id`, or `user/<number>`. */
  readonly callerId: string;
  readonly tenantSlug: string;
  readonly scopes: readonly string[];
  readonly visibility: Visibility;
};
