// api_clients: who fetches access tokens for the CPO API. The client secret is shown when it is made, and never again.

import { apiClients as declaration } from '@chargeyard/contract/resources/api_clients';
import { allRights } from '@chargeyard/contract/scopes';
import { hashedSecret, includesBinding } from '../domain/index.ts';
import type { Principal } from '../domain/index.ts';
import { newClientId, newSecret } from '../ids.ts';
import { goneOrChanged, performRoute, refused, resourceRoutes, versionToChange } from '../json_api/index.ts';
import type { Performance, Resource, ResourceDeps, Route, Write } from '../json_api/index.ts';
import { apiClientFields } from '../store/index.ts';
import type { ApiClientField } from '../store/index.ts';
import { bindingAfter } from './binding.ts';
import type { Binding } from './binding.ts';
import { oncePerTransaction } from './once_per_transaction.ts';

const apiClients = {
  declaration,
  path: '/api_clients',
  fields: apiClientFields,
  fieldOf: {
    name: 'name',
    scopes: 'scopes',
    companyUuid: 'companyId',
    visibility: 'visibility',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.apiClients.page(visibility, query),
  find: (tables, visibility, id, now) => tables.apiClients.findVisible(visibility, id, now),
  async brokenRules(write) {
    const { principal, id } = write;
    const known = id === undefined ? undefined : await bindingToChange({ ...write, id });
    if (known !== undefined) requireWithinRights(principal, known);
    return bindingAfter(write, known).faults;
  },
  async create(write) {
    const { tables, principal, values, now } = write;
    const clientId = newClientId();
    const clientSecret = newSecret();
    await tables.apiClients.insert({
      tenantId: principal.visibility.tenantId,
      clientId,
      name: String(values['name']),
      secretHash: hashedSecret(clientSecret),
      scopes: (values['scopes'] as string[] | undefined) ?? [allRights],
      company: bindingAfter(write).company,
      createdAt: now,
    });
    return { id: clientId, shownOnce: { clientSecret } };
  },
  async update(write) {
    const { tables, principal, values } = write;
    const known = await bindingToChange(write);
    if (known === undefined) return false;
    const { company } = bindingAfter(write, known);
    const change = { ...write, values: { ...values, binding: { company } } };
    return tables.apiClients.update(principal.visibility, change);
  },
  async delete({ tables, principal, id, ifUpdatedAt }) {
    const known = await tables.apiClients.findBindingToChange(principal.visibility, id);
    if (known === undefined) return false;
    requireWithinRights(principal, known);
    return tables.apiClients.delete(principal.visibility, id, ifUpdatedAt);
  },
} satisfies Resource<ApiClientField>;

export function apiClientRoutes(deps: ResourceDeps): Route[] {
  return [...resourceRoutes(apiClients, deps), performRoute(apiClients, deps, rotateSecret(deps))];
}

/** The old secret stops working at once, and so do the access tokens that were fetched with it. */
function rotateSecret({ store }: ResourceDeps): Performance {
  return {
    path: 'rotate_secret',
    name: 'rotateApiClientSecret',
    summary: 'Give the API client another secret; the old one stops working',
    isForVersions: true,
    showsOnce: true,
    async perform({ asked, id, now, read }) {
      const { principal } = asked;
      const clientSecret = newSecret();
      const values = { secretHash: hashedSecret(clientSecret) };
      const row = await store.inTransaction(async (tables) => {
        const before = await read(tables);
        const known = await bindingToChange({ tables, principal, id, now });
        if (known !== undefined) requireWithinRights(principal, known);
        const ifUpdatedAt = versionToChange(apiClients, asked, before);
        if (!(await tables.apiClients.update(principal.visibility, { id, values, ifUpdatedAt, now })))
          throw goneOrChanged(declaration, ifUpdatedAt);
        return read(tables);
      });
      return { row, shownOnce: { clientSecret } };
    },
  };
}

/** Answers to whom an API client is bound, locked until commit. */
const bindingToChange = oncePerTransaction(
  ({ tables, principal, id }: Omit<Write, 'values'> & { id: string }) =>
    tables.apiClients.findBindingToChange(principal.visibility, id),
);

/** @throws {RequestRefused} beyond_own_rights */
function requireWithinRights({ visibility }: Principal, { company }: Binding): void {
  if (includesBinding(visibility.company, company)) return;
  throw refused('beyond_own_rights', 'This API client sees more than you do.');
}
