// chargeyard tenant create <slug>

import { checkedSlug } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { runOnStore } from './verb.ts';

export async function tenantCreate(slug: string, options: { json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, config, console }) => {
    const tenant = { id: newId(), slug: checkedSlug(slug) };
    await store.tenants.insert({ ...tenant, createdAt: clock.now() });
    const host = `${slug}.${config.baseDomain}`;
    console.result({ ...tenant, host }, `Tenant "${slug}" created; its host is ${host}.`);
  });
}
