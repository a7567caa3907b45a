// Builders of what a test needs to be there. Each writes through the store, as the server itself would.

import { allRights } from '@chargeyard/contract/scopes';
import { hashedSecret } from '../src/domain/index.ts';
import type { CompanyVisibility } from '../src/domain/index.ts';
import { newClientId, newId, newSecret } from '../src/ids.ts';
import type { Store } from '../src/store/index.ts';

let made = 0;
const next = () => (made += 1);

/** A tenant with a slug of its own. */
export async function aTenant(store: Store): Promise<{ id: string; slug: string }> {
  const tenant = { id: newId(), slug: `tenant-${next()}` };
  await store.tenants.insert({ ...tenant, createdAt: new Date() });
  return tenant;
}

/** A company; with a parent it is subordinate to that. */
export async function aCompany(store: Store, tenantId: string, parentId?: string): Promise<string> {
  const id = newId();
  await store.companies.insert(tenantId, { id, name: `Company ${next()}`, parentId, createdAt: new Date() });
  return id;
}

/** A charging station; with a password it must authenticate. */
export async function aChargingStation(
  store: Store,
  tenantId: string,
  options: { identity?: string; label?: string; companyId?: string; password?: string } = {},
): Promise<{ id: string; identity: string }> {
  const id = newId();
  const identity = options.identity ?? `cp_${next()}`;
  await store.chargingStations.insert(tenantId, {
    id,
    identity,
    label: options.label ?? `Station ${identity}`,
    companyId: options.companyId,
    passwordHash: options.password === undefined ? undefined : hashedSecret(options.password),
    createdAt: new Date(),
  });
  return { id, identity };
}

export async function anApiClient(
  store: Store,
  tenantId: string,
  options: { scopes?: string[]; company?: CompanyVisibility } = {},
): Promise<{ clientId: string; clientSecret: string }> {
  const clientId = newClientId();
  const clientSecret = newSecret();
  await store.apiClients.insert({
    tenantId,
    clientId,
    name: `API client ${next()}`,
    secretHash: hashedSecret(clientSecret),
    scopes: options.scopes ?? [allRights],
    company: options.company,
    createdAt: new Date(),
  });
  return { clientId, clientSecret };
}

/** Fetches an access token as the quickstart does. */
export async function anAccessToken(
  origin: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<string> {
  const query = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const response = await fetch(`${origin}/token?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  if (!response.ok) throw new Error(`no access token: ${response.status} ${await response.text()}`);
  const { access_token: accessToken } = (await response.json()) as { access_token: string };
  return accessToken;
}
