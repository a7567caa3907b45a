// ocpp_passwords: what stations without a password of their own may send.

import { refusingBy } from './broken_rules.ts';
import { countToAdd } from './count_to_add.ts';
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

    countToAdd: (tenantId: string) => countToAdd(session, table.name, tenantId),
  };
}
