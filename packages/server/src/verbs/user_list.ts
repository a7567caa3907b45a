// chargeyard user list --tenant …

import { userFields } from '../store/index.ts';
import type { Row, UserField } from '../store/index.ts';
import { everyRow } from './every_row.ts';
import { tableOf } from './table.ts';
import { runOnStore } from './verb.ts';

const texts = ['email', 'firstName', 'lastName', 'role', 'companyId', 'visibility'] as const;
const truths = ['isActive', 'isTechnician', 'hasPassword'] as const;

export async function userList(options: { tenant: string; json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const rows = await everyRow(store.users, tenantId, clock.now());
    const users = rows.map((row) => ({
      id: Number(valueIn(row, 'id')),
      ...Object.fromEntries(texts.map((field) => [field, valueIn(row, field)])),
      // PostgreSQL's texts of truth are t and f.
      ...Object.fromEntries(truths.map((field) => [field, valueIn(row, field) === 't'])),
    }));
    const cells = users.map((user) => Object.values<string | number | boolean | null>(user).map(cellOf));
    const headings = ['id', ...texts, ...truths];
    console.result(users, tableOf(headings, cells, 'There are no users in this tenant.'));
  });
}

const valueIn = (row: Row, field: UserField) => row[userFields.indexOf(field)] ?? null;

function cellOf(value: string | number | boolean | null): string | null {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null ? null : String(value);
}
