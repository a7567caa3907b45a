// driver_tokens: full reads and writes.

import { driverTokens as declaration } from '@chargeyard/contract/resources/driver_tokens';
import { newId } from '../ids.ts';
import type { Resource } from '../json_api/index.ts';
import { driverTokenFields } from '../store/index.ts';
import type { DriverTokenField } from '../store/index.ts';

export const driverTokens = {
  declaration,
  path: '/driver_tokens',
  fields: driverTokenFields,
  fieldOf: {
    value: 'value',
    tokenType: 'type',
    label: 'label',
    companyUuid: 'companyId',
    isBlocked: 'isBlocked',
    expiresAt: 'expiresAt',
    parentValue: 'parentValue',
    allowsConcurrentTransactions: 'allowsConcurrentTransactions',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.driverTokens.page(visibility, query),
  find: (tables, visibility, id, now) => tables.driverTokens.find(visibility, id, now),
  async create({ tables, principal, values, now }) {
    const id = newId();
    await tables.driverTokens.insert(principal.visibility.tenantId, { ...values, id, createdAt: now });
    return id;
  },
  update: (write) => write.tables.driverTokens.update(write.principal.visibility, write),
  delete: ({ tables, principal, id, ifUpdatedAt }) =>
    tables.driverTokens.delete(principal.visibility, id, ifUpdatedAt),
} satisfies Resource<DriverTokenField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], DriverTokenField>;
};
