// driver_tokens, seen by the company that they belong to. A value is the same without regard to case.

import { Conflict } from '../domain/index.ts';
import { noSuchCompany, refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, resourceRows } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  name: 'driver_tokens',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    value: { sql: 's.value', type: 'text', isCaseless: { column: 's.value_key' } },
    type: { sql: 's.type', type: 'text' },
    label: { sql: 's.label', type: 'text' },
    companyId: { sql: 's.company_id', type: 'uuid' },
    isBlocked: { sql: 's.is_blocked', type: 'boolean' },
    expiresAt: { sql: 's.expires_at', type: 'timestamptz' },
    parentValue: { sql: 's.parent_value', type: 'text' },
    allowsConcurrentTransactions: { sql: 's.allows_concurrent_transactions', type: 'boolean' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: isOfVisibleCompany,
} as const satisfies ListedTable<string>;

export type DriverTokenField = keyof typeof table.fields;
export const driverTokenFields = Object.keys(table.fields) as readonly DriverTokenField[];

const written = {
  value: 'value',
  type: 'type',
  label: 'label',
  companyId: 'company_id',
  isBlocked: 'is_blocked',
  expiresAt: 'expires_at',
  parentValue: 'parent_value',
  allowsConcurrentTransactions: 'allows_concurrent_transactions',
} as const;
/** Instants are texts, RFC 3339. */
export type WrittenDriverToken = { readonly [Field in keyof typeof written]?: unknown };

const columns = (values: WrittenDriverToken) => columnsOf(written, values);
const refusing = refusingBy({
  driver_tokens_by_value: (cause) =>
    new Conflict('There is a driver token with this value already.', { cause, field: 'value' }),
  driver_tokens_tenant_id_company_id_fkey: noSuchCompany,
});

/**
 * Writes throw {Conflict} when the tenant has a driver token of that value, {Invalid} when the company is none of this
 * tenant.
 */
export function driverTokensIn(session: Session) {
  return resourceRows(session, table, { columns, refusing });
}
