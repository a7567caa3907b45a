// chargeyard api-client create --tenant … --name … [--company … --visibility company|subtree] [--scope …]

import { allRights, canonicalScope, scopes } from '@chargeyard/contract/scopes';
import { Invalid, hashedSecret } from '../domain/index.ts';
import type { CompanyVisibility } from '../domain/index.ts';
import { newClientId, newSecret } from '../ids.ts';
import type { Store } from '../store/index.ts';
import { companyVisibilityOf } from './company_option.ts';
import { runOnStore } from './verb.ts';

type Options = {
  tenant: string;
  name: string;
  company?: string;
  visibility?: string;
  scope?: string[];
  json?: boolean;
};

export async function apiClientCreate(options: Options): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const name = options.name.trim();
    if (name === '') throw new Invalid('An API client needs a name.');
    const given = checkedScopes(options.scope ?? [allRights]);
    const tenant = await store.tenants.getBySlug(options.tenant);
    const company = await companyVisibilityOf(store, tenant.id, options);
    const { clientId, clientSecret } = await insertApiClient(store, {
      tenantId: tenant.id,
      name,
      scopes: given,
      company,
      createdAt: clock.now(),
    });
    console.result(
      { clientId, clientSecret, name, scopes: given, company: company ?? null },
      `API client "${name}" created. The client secret is shown only now.\n\n` +
        `  client id      ${clientId}\n  client secret  ${clientSecret}`,
    );
  });
}

/** Makes an API client with a new secret, which only the caller gets to see. */
export async function insertApiClient(
  store: Store,
  client: {
    tenantId: string;
    name: string;
    scopes: readonly string[];
    company: CompanyVisibility | undefined;
    createdAt: Date;
  },
): Promise<{ clientId: string; clientSecret: string }> {
  const clientId = newClientId();
  const clientSecret = newSecret();
  await store.apiClients.insert({ ...client, clientId, secretHash: hashedSecret(clientSecret) });
  return { clientId, clientSecret };
}

function checkedScopes(asked: readonly string[]): string[] {
  const canonical = asked.flatMap((text) => text.split(/[\s,]+/)).filter((scope) => scope !== '');
  return [
    ...new Set(
      canonical.map((scope) => {
        const known = canonicalScope(scope);
        if (known === undefined)
          throw new Invalid(`There is no scope "${scope}"; there are: ${scopes.join(', ')}`);
        return known;
      }),
    ),
  ];
}
