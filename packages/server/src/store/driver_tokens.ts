// driver_tokens, seen by the company that they belong to. A value is the same without regard to case.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Visibility } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';
import type { Session } from './database.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { columnsOf, deleteRow, findRow, insertRow, listedPage, updateRow } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

const table = {
  from: 'driver_tokens s',
  id: { sql: 's.id', type: 'uuid' },
  updatedAt: 's.updated_at',
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    value: { sql: 's.value', type: 'text', isCaseless: true },
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

export function driverTokensIn(session: Session) {
  return {
    page: (visibility: Visibility, query: ListQuery<DriverTokenField>) =>
      listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),

    /**
     * @throws {Conflict} when the tenant has a driver token of that value
     * @throws {Invalid} when the company is none of this tenant
     */
    async insert(
      tenantId: string,
      { id, createdAt, ...values }: WrittenDriverToken & { id: string; createdAt: Date },
    ): Promise<void> {
      await refusing(() =>
        insertRow(session, 'driver_tokens', {
          tenant_id: tenantId,
          id,
          created_at: createdAt,
          updated_at: createdAt,
          ...columnsOf(written, values),
        }),
      );
    },

    /**
     * @returns whether there was such a driver token, not changed since
     * @throws {Conflict} {Invalid} as `insert`
     */
    update: (
      visibility: Visibility,
      change: { id: string; values: WrittenDriverToken; ifUpdatedAt: string | undefined; now: Date },
    ): Promise<boolean> =>
      refusing(() =>
        updateRow(session, table, 'driver_tokens', visibility, {
          ...change,
          columns: columnsOf(written, change.values),
        }),
      ),

    /** @returns whether there was such a driver token, not changed since */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      deleteRow(session, table, 'driver_tokens', visibility, { id, ifUpdatedAt }),
  };
}

async function refusing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    switch (brokenConstraint(cause)) {
      case 'driver_tokens_by_value':
        throw new Conflict('There is a driver token with this value already.', { cause, field: 'value' });
      case 'driver_tokens_tenant_id_company_id_fkey':
        throw new Invalid('There is no such company.', { cause, field: 'companyId' });
      default:
        throw cause;
    }
  }
}
