// chargeyard company create --tenant … --name … [--parent …]

import { Invalid } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { companyNamed } from './company_named.ts';
import { runOnStore } from './verb.ts';

export async function companyCreate(options: {
  tenant: string;
  name: string;
  parent?: string;
  json?: boolean;
}): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const name = options.name.trim();
    if (name === '') throw new Invalid('A company needs a name.');
    const tenant = await store.tenants.getBySlug(options.tenant);
    const parentId =
      options.parent === undefined ? undefined : await companyNamed(store, tenant.id, options.parent);
    const company = { id: newId(), name, parentId };
    await store.companies.insert(tenant.id, { ...company, createdAt: clock.now() });
    console.result({ ...company, parentId: parentId ?? null }, `Company "${name}" created: ${company.id}`);
  });
}
