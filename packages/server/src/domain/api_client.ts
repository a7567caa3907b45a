// API clients (RFC 6749 "client"): what the UI's page Settings → CPO API creates.

import type { Principal } from './principal.ts';
import type { CompanyVisibility } from './visibility.ts';

/** An API client as its tenant's administrators see it. The secret is not among it: only its hash is kept. */
export type ApiClient = {
  readonly clientId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly company: CompanyVisibility | undefined;
  readonly createdAt: Date;
};

/** An API client with what is needed to authenticate it and to know what its tenant may do. */
export type RegisteredApiClient = ApiClient & {
  readonly secretHash: string;
  readonly tenantId: string;
  readonly tenantSlug: string;
  readonly cpoApiIsLicensed: boolean;
};

/** An API client that asks, after its access token was checked. */
export type ApiClientPrincipal = Principal & { readonly cpoApiIsLicensed: boolean };
