// chargeyard tenant list

import { tableOf } from './table.ts';
import { runOnStore } from './verb.ts';

export async function tenantList(options: { json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, config, console }) => {
    const tenants = (await store.tenants.list()).map((tenant) => ({
      ...tenant,
      host: `${tenant.slug}.${config.baseDomain}`,
    }));
    const rows = tenants.map(({ slug, host, cpoApiIsLicensed }) => [
      slug,
      host,
      cpoApiIsLicensed ? 'yes' : 'no',
    ]);
    console.result(tenants, tableOf(['slug', 'host', 'CPO API'], rows, 'There is no tenant.'));
  });
}
