// What a statement of many rows gets: an array for each column, which `unnest` puts together again. A list of columns says
// once what a row has; the SQL that reads the rows and the values that are sent both follow from it.

import { binaryArray } from './binary_array.ts';
import type { ElementType } from './binary_array.ts';

/** A column's name and type, and what a row has there; null or undefined where it has nothing. */
export type Column<Row> = readonly [name: string, type: ElementType, value: (row: Row) => unknown];

export type SentRows<Row> = {
  /** The columns' names, for a list of them in SQL. */
  readonly names: string;
  /** The rows as `f`, for a `from`; their parameters follow those that come before. */
  readonly from: string;
  /** The same, with their places in `at`: 1 is the first. */
  readonly inOrder: string;
  readonly values: (rows: readonly Row[]) => Buffer[];
};

/** @param of.after how many other parameters the statement has before the rows; none has any behind them */
export function sentRows<Row>(columns: readonly Column<Row>[], { after = 0 } = {}): SentRows<Row> {
  const names = columns.map(([name]) => name).join(', ');
  const arrays = columns.map(([, type], at) => `$${after + at + 1}::${type}[]`).join(', ');
  return {
    names,
    from: `unnest(${arrays}) as f (${names})`,
    inOrder: `unnest(${arrays}) with ordinality as f (${names}, at)`,
    values: (rows) => columns.map(([, type, value]) => binaryArray(type, rows.map(value))),
  };
}

/** Answers the tenants whose rows are touched, each once. */
export const tenantIdsOf = (things: readonly { readonly tenantId: string }[]): string[] => [
  ...new Set(things.map(({ tenantId }) => tenantId)),
];
