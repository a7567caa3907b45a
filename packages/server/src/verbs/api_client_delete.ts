// chargeyard api-client delete <client-id> --tenant …

import { NotFound, wholeTenant } from '../domain/index.ts';
import { runOnStore } from './verb.ts';

export async function apiClientDelete(
  clientId: string,
  options: { tenant: string; json?: boolean },
): Promise<void> {
  await runOnStore(options, async ({ store, console }) => {
    const tenant = await store.tenants.getBySlug(options.tenant);
    if (!(await store.apiClients.delete(wholeTenant(tenant.id), clientId))) {
      throw new NotFound(`There is no API client "${clientId}" in tenant "${options.tenant}".`);
    }
    console.result(
      { deleted: clientId },
      `API client ${clientId} deleted. Its access tokens stop working within a second, and its webhooks are sent nothing more.`,
    );
  });
}
