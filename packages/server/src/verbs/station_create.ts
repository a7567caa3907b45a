// chargeyard station create --tenant … --identity … --label … [--company …] [--password …]

import { Invalid, checkedIdentity, hashedStationPassword, stationPasswordForm } from '../domain/index.ts';
import { newId } from '../ids.ts';
import { companyNamed } from './company_named.ts';
import { runOnStore } from './verb.ts';

// OCPP 1.6 security whitepaper, A00 and AuthorizationKey: 16 to 40 characters.

export async function stationCreate(options: {
  tenant: string;
  identity: string;
  label: string;
  company?: string;
  password?: string;
  json?: boolean;
}): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { password } = options;
    const identity = checkedIdentity(options.identity);
    const label = options.label.trim();
    if (label === '') throw new Invalid('A charging station needs a label.');
    if (password !== undefined && !stationPasswordForm.test(password)) {
      throw new Invalid(
        'A charging station’s password has 16 to 40 printable ASCII characters without spaces.',
      );
    }
    const tenant = await store.tenants.getBySlug(options.tenant);
    const companyId =
      options.company === undefined ? undefined : await companyNamed(store, tenant.id, options.company);
    const station = { id: newId(), identity, label, companyId };
    await store.chargingStations.insert(tenant.id, {
      ...station,
      passwordHash: password === undefined ? undefined : hashedStationPassword(password),
      createdAt: clock.now(),
    });
    console.result(
      { ...station, companyId: companyId ?? null },
      `Charging station "${identity}" created: ${station.id}` +
        (password === undefined ? '\nIt has no password: whoever knows its identity can connect as it.' : ''),
    );
  });
}
