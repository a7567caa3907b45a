// chargeyard tenant update <slug> [--cpo-api-licensed yes|no] [--communication-log-days n] [--meter-value-days n]

import { Invalid, wholeTenant } from '../domain/index.ts';
import { runOnStore } from './verb.ts';

export async function tenantUpdate(
  slug: string,
  options: {
    cpoApiLicensed?: string;
    communicationLogDays?: string;
    meterValueDays?: string;
    json?: boolean;
  },
): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const licensed = options.cpoApiLicensed === undefined ? undefined : isYes(options.cpoApiLicensed);
    const days = {
      ...daysOf('communicationLogDays', '--communication-log-days', options.communicationLogDays),
      ...daysOf('meterValueDays', '--meter-value-days', options.meterValueDays),
    };
    if (licensed === undefined && Object.keys(days).length === 0) {
      throw new Invalid(
        'Say what to change: --cpo-api-licensed, --communication-log-days, --meter-value-days.',
      );
    }
    const tenant = await store.tenants.getBySlug(slug);
    const now = clock.now();
    await store.inTransaction(async ({ tenants }) => {
      if (licensed !== undefined) await tenants.updateLicence(tenant.id, licensed, now);
      if (Object.keys(days).length > 0)
        await tenants.update(wholeTenant(tenant.id), { values: days, ifUpdatedAt: undefined, now });
    });
    const changed = { ...(licensed === undefined ? {} : { cpoApiIsLicensed: licensed }), ...days };
    console.result({ ...tenant, ...changed }, `Tenant "${slug}" changed: ${JSON.stringify(changed)}`);
  });
}

function isYes(text: string): boolean {
  const answer = { yes: true, no: false }[text];
  if (answer === undefined) throw new Invalid('--cpo-api-licensed is yes or no.');
  return answer;
}

function daysOf(name: string, option: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {};
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new Invalid(`${option} is a whole number from 1 to 3650.`);
  return { [name]: days };
}
