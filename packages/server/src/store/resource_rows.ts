// Reading and writing rows of any resource's table, within a visibility. A change can say which version it is meant for: a
// row that was changed since is left alone then.

import type { Visibility } from '../domain/index.ts';
import type { Refusing } from './broken_rules.ts';
import type { Session, Statement } from './database.ts';
import { nextNumber } from './id_counters.ts';
import { nextVersion } from './versions.ts';
import { countStatement, rowStatement, rowsStatement } from './resource_list.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';

/** A row: a text or null per field, in the order of the table's fields. */
export type Row = readonly (string | null)[];
/** `total` is 0 in pages after an id: nobody asks there, and counting takes longer than the page itself. */
export type Page = { readonly total: number; readonly rows: Row[] };

/** What is read of every resource's table alike. */
export function readRows<Field extends string>(session: Session, table: ListedTable<Field>) {
  return {
    page: (visibility: Visibility, query: ListQuery<Field>) => listedPage(session, table, visibility, query),

    find: (visibility: Visibility, id: string, now: Date) => findRow(session, table, visibility, { id, now }),
  };
}

/** A change of a resource; `ifUpdatedAt` is the version that it is meant for, as PostgreSQL's text. */
export type Change<Written> = {
  readonly id: string;
  readonly values: Written;
  /** Undefined for any. */
  readonly ifUpdatedAt: string | undefined;
  readonly now: Date;
};

/** What is read and written of a resource's table that has nothing particular, by ids that the writer makes. */
export function resourceRows<Field extends string, Written>(
  session: Session,
  table: ListedTable<Field>,
  {
    columns,
    refusing,
  }: {
    /** Answers the values by the columns that they are written to. */
    readonly columns: (values: Written) => Record<string, unknown>;
    /** Throws the rules that a write breaks. */
    readonly refusing: Refusing;
  },
) {
  return {
    ...readRows(session, table),

    insert: (tenantId: string, values: Written & { id: string; createdAt: Date }): Promise<void> =>
      refusing(() => insertRow(session, table.name, { ...newRow(tenantId, values), ...columns(values) })),

    /** @returns whether there was such a resource, not changed since */
    update: (visibility: Visibility, { values, ...change }: Change<Written>): Promise<boolean> =>
      refusing(() => updateRow(session, table, visibility, { ...change, columns: columns(values) })),

    /** @returns whether there was such a resource, not changed since */
    delete: (visibility: Visibility, id: string, ifUpdatedAt: string | undefined): Promise<boolean> =>
      refusing(() => deleteRow(session, table, visibility, { id, ifUpdatedAt })),
  };
}

export async function listedPage<Field extends string>(
  session: Session,
  table: ListedTable<Field>,
  visibility: Visibility,
  query: ListQuery<Field>,
): Promise<Page> {
  const page = rowsStatement(table, visibility, query);
  if ('offset' in query.from) {
    return pageOf(session, visibility, [countStatement(table, visibility, query), page]);
  }
  const [rows] = await session.textRowsAs(visibility.tenantId, [page]);
  return { total: 0, rows: rows ?? [] };
}

/** Answers what the two statements say: how many rows in all, and the page's. */
export async function pageOf(
  session: Session,
  { tenantId }: Visibility,
  statements: readonly [Statement, Statement],
): Promise<Page> {
  const [count, rows] = await session.textRowsAs(tenantId, statements);
  return { total: Number(count?.[0]?.[0]), rows: rows ?? [] };
}

export async function findRow<Field extends string>(
  session: Session,
  table: ListedTable<Field>,
  visibility: Visibility,
  which: { id: string; now: Date },
): Promise<Row | undefined> {
  const [rows] = await session.textRowsAs(visibility.tenantId, [rowStatement(table, visibility, which)]);
  return rows?.[0];
}

/** Answers the values by the columns that they are written to. Objects become JSON; what is undefined is left out. */
export function columnsOf<Field extends string>(
  written: Readonly<Record<Field, string>>,
  values: { readonly [F in Field]?: unknown },
): Record<string, unknown> {
  const given = Object.entries<string>(written).filter(([field]) => values[field as Field] !== undefined);
  return Object.fromEntries(
    given.map(([field, column]) => {
      const value: unknown = values[field as Field];
      return [column, typeof value === 'object' && value !== null ? JSON.stringify(value) : value];
    }),
  );
}

export async function insertRow(session: Session, tableName: string, columns: NewRow): Promise<void> {
  await session.textRowsAs(columns.tenant_id, [insertStatementOf(tableName, columns)]);
}

/** What every new row has, by column. */
export function newRow(tenantId: string, { id, createdAt }: { id: string; createdAt: Date }) {
  return { tenant_id: tenantId, id, created_at: createdAt, updated_at: createdAt };
}

/**
 * Inserts a row that gets the tenant's next number of the table for an id.
 *
 * @returns the id
 */
export async function insertNumberedRow(
  session: Session,
  tableName: string,
  tenantId: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<string> {
  const names = Object.keys(columns);
  const placeholders = names.map((_, at) => `$${at + 2}`);
  const [row] = await session.queryAs<{ id: number }>(
    tenantId,
    `with ${nextNumber(tableName)}
     insert into ${tableName} (tenant_id, id, ${names.join(', ')})
     select $1, last_id, ${placeholders.join(', ')} from number returning id`,
    [tenantId, ...Object.values(columns)],
  );
  return String(row?.id);
}

/** A new row's values by column. */
type NewRow = Readonly<Record<string, unknown>> & { tenant_id: string };

export function insertStatementOf(tableName: string, columns: NewRow): Statement {
  const names = Object.keys(columns);
  const placeholders = names.map((_, at) => `$${at + 1}`);
  return {
    text: `insert into ${tableName} (${names.join(', ')}) values (${placeholders.join(', ')})`,
    values: Object.values(columns),
    isOneOff: true,
  };
}

/** @returns whether there was such a row, not changed since `ifUpdatedAt` where that is given */
export async function updateRow<Field extends string>(
  session: Session,
  table: ListedTable<Field>,
  visibility: Visibility,
  change: {
    id: string;
    columns: Readonly<Record<string, unknown>>;
    ifUpdatedAt: string | undefined;
    now: Date;
  },
): Promise<boolean> {
  const values: unknown[] = [visibility.tenantId, change.now];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const set = Object.entries(change.columns).map(([column, value]) => `${column} = ${parameter(value)}`);
  const version = `updated_at = ${nextVersion('$2::timestamptz')}`;
  const text = `update ${table.name} s set ${[...set, version].join(', ')}
    where ${table.id.sql} = ${parameter(change.id)}::${table.id.type}
      and ${isVersion(change.ifUpdatedAt, parameter)} and ${table.visible(visibility, parameter)}
    returning 1`;
  const [rows] = await session.textRowsAs(visibility.tenantId, [{ text, values, isOneOff: true }]);
  return rows !== undefined && rows.length > 0;
}

/** @returns whether there was such a row, not changed since `ifUpdatedAt` where that is given */
export async function deleteRow<Field extends string>(
  session: Session,
  table: ListedTable<Field>,
  visibility: Visibility,
  { id, ifUpdatedAt }: { id: string; ifUpdatedAt: string | undefined },
): Promise<boolean> {
  const values: unknown[] = [visibility.tenantId];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const text = `delete from ${table.name} s
    where ${table.id.sql} = ${parameter(id)}::${table.id.type}
      and ${isVersion(ifUpdatedAt, parameter)} and ${table.visible(visibility, parameter)}
    returning 1`;
  const [rows] = await session.textRowsAs(visibility.tenantId, [{ text, values, isOneOff: true }]);
  return rows !== undefined && rows.length > 0;
}

function isVersion(updatedAt: string | undefined, parameter: (value: unknown) => string): string {
  return updatedAt === undefined ? 'true' : `s.updated_at = ${parameter(updatedAt)}::timestamptz`;
}
