// companies: the tree of the tenant's legal bodies, as far as the caller may see it.

import { companies as declaration } from '@chargeyard/contract/resources/companies';
import { Conflict, Invalid, called } from '../domain/index.ts';
import { newId } from '../ids.ts';
import type { Resource } from '../json_api/index.ts';
import { companyFields } from '../store/index.ts';

export const companies = {
  declaration,
  path: '/companies',
  fields: companyFields,
  fieldOf: { name: 'name', parentUuid: 'parentId', createdAt: 'createdAt', updatedAt: 'updatedAt' },
  page: (tables, visibility, query) => tables.companies.page(visibility, query),
  find: (tables, visibility, id, now) => tables.companies.find(visibility, id, now),
  /** Who is bound to a company adds to its own subtree only, and must be able to see what is added. */
  async brokenRules({ principal, id }) {
    if (id !== undefined || principal.visibility.company?.withSubordinates !== false) return [];
    return [
      new Invalid(`${called(principal)} that sees one company alone cannot add another.`, {
        field: 'parentId',
      }),
    ];
  },
  async create({ tables, principal, values, now }) {
    const id = newId();
    const parentId = typeof values['parentId'] === 'string' ? values['parentId'] : undefined;
    await tables.companies.insert(principal.visibility.tenantId, {
      id,
      name: values['name'],
      parentId,
      createdAt: now,
    });
    return id;
  },
  update: (write) => write.tables.companies.update(write.principal.visibility, write),
  async delete({ tables, principal, id, ifUpdatedAt }) {
    // What else stands against it may be more than the caller sees.
    if (principal.visibility.company?.companyId === id.toLowerCase())
      throw new Conflict(`${called(principal)} bound to a company cannot delete it.`);
    return tables.companies.delete(principal.visibility, id, ifUpdatedAt);
  },
} satisfies Resource<(typeof companyFields)[number]>;
