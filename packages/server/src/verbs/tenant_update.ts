// chargeyard tenant update <slug> --cpo-api-licensed yes|no

import { Invalid } from '../domain/index.ts';
import { runOnStore } from './verb.ts';

export async function tenantUpdate(
  slug: string,
  options: { cpoApiLicensed: string; json?: boolean },
): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const licensed = { yes: true, no: false }[options.cpoApiLicensed];
    if (licensed === undefined) throw new Invalid('--cpo-api-licensed is yes or no.');
    const tenant = await store.tenants.getBySlug(slug);
    await store.tenants.updateLicence(tenant.id, licensed, clock.now());
    console.result(
      { ...tenant, cpoApiIsLicensed: licensed },
      `Tenant "${slug}": its API clients may ${licensed ? '' : 'not '}use the CPO API.`,
    );
  });
}
