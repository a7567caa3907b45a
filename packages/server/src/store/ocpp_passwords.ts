// ocpp_passwords: what stations without a password of their own may send.

import { refusingBy } from './broken_rules.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { columnsOf, resourceRows } from './resource_rows.ts';
import { isOfWholeTenant } from './visible_company.ts';

const table = {
  name: 'ocpp_passwords',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  // They open the stations of every company.
  visible: isOfWholeTenant,
} as const satisfies ListedTable<string>;

export type OcppPasswordField = keyof typeof table.fields;
export const ocppPasswordFields = Object.keys(table.fields) as readonly OcppPasswordField[];

const written = { name: 'name', passwordHash: 'password_hash' } as const;
export type WrittenOcppPassword = { readonly [Field in keyof typeof written]?: unknown };

const refusing = refusingBy({});
const columns = (values: WrittenOcppPassword) => columnsOf(written, values);

export function ocppPasswordsIn(session: Session) {
  return {
    ...resourceRows(session, table, { columns, refusing }),

    /** Answers how many there are, and lets nobody else add one before the transaction ends. */
    async countToAdd(tenantId: string): Promise<number> {
      await session.query('select 1 from tenants where id = $1 for no key update', [tenantId]);
      const [row] = await session.queryAs<{ count: number }>(
        tenantId,
        'select count(*)::integer as count from ocpp_passwords where tenant_id = $1',
        [tenantId],
      );
      return row?.count ?? 0;
    },
  };
}
