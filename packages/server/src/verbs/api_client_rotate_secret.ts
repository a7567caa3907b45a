// chargeyard api-client rotate-secret <client-id> --tenant …

import { NotFound, hashedSecret, wholeTenant } from '../domain/index.ts';
import { newSecret } from '../ids.ts';
import { runOnStore } from './verb.ts';

export async function apiClientRotateSecret(
  clientId: string,
  options: { tenant: string; json?: boolean },
): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const clientSecret = newSecret();
    const change = {
      id: clientId,
      values: { secretHash: hashedSecret(clientSecret) },
      ifUpdatedAt: undefined,
      now: clock.now(),
    };
    if (!(await store.apiClients.update(wholeTenant(tenantId), change))) {
      throw new NotFound(`There is no API client "${clientId}" in tenant "${options.tenant}".`);
    }
    console.result(
      { clientId, clientSecret },
      `The old secret of ${clientId} and its access tokens work no more. The new one is shown only now.\n\n` +
        `  client secret  ${clientSecret}`,
    );
  });
}
