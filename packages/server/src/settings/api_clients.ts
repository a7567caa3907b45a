// api_clients: who fetches access tokens for the CPO API. The client secret is shown when it is made, and never again.

import { apiClients as declaration } from '@chargeyard/contract/resources/api_clients';
import { allRights } from '@chargeyard/contract/scopes';
import { hashedSecret, includesBinding } from '../domain/index.ts';
import type { Principal } from '../domain/index.ts';
import { newClientId, newSecret } from '../ids.ts';
import {
  documentOf,
  getRow,
  goneOrChanged,
  idOf,
  notKept,
  queryParameters,
  refused,
  resourceRoutes,
  versionToChange,
  writersOf,
} from '../json_api/index.ts';
import type { Method, Resource, ResourceDeps, Route, Write } from '../json_api/index.ts';
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
  return [
    ...resourceRoutes(apiClients, deps),
    { path: `${apiClients.path}/:id/rotate_secret`, methods: { POST: rotateSecret(deps) } },
  ];
}

/** The old secret stops working at once, and so do the access tokens that were fetched with it. */
function rotateSecret({ store, clock }: ResourceDeps): Method {
  const { write } = writersOf<ApiClientField>(apiClients)(Object.keys(declaration.attributes));
  return {
    scope: 'settings:api_clients:write',
    does: {
      action: 'perform',
      name: 'rotateApiClientSecret',
      summary: 'Give the API client another secret; the old one stops working',
      resource: declaration,
      parameters: [],
      isForVersions: true,
      showsOnce: true,
    },
    async answer(asked) {
      const { principal, query, url } = asked;
      queryParameters(query, []).throwFaults();
      const now = clock.now();
      const id = idOf(asked);
      const clientSecret = newSecret();
      const row = await store.inTransaction(async (tables) => {
        const read = () => getRow(apiClients, tables, asked, { now, given: {} });
        const before = await read();
        const known = await bindingToChange({ tables, principal, id, now });
        if (known !== undefined) requireWithinRights(principal, known);
        const ifUpdatedAt = versionToChange(apiClients, asked, before);
        const values = { secretHash: hashedSecret(clientSecret) };
        if (!(await tables.apiClients.update(principal.visibility, { id, values, ifUpdatedAt, now })))
          throw goneOrChanged(declaration, ifUpdatedAt);
        return read();
      });
      const self = url.replace(/\/rotate_secret\/?$/, '');
      return notKept({ status: 200, json: documentOf(write(row), self, { shownOnce: { clientSecret } }) });
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
