// Lists as CSV: the whole list, read and sent in batches, as fast as the client takes them. Between two batches nothing is
// held but the place of the last row: no connection, no transaction, no more than one batch of rows.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Row, RowPlace, Selection, Store } from '../store/index.ts';
import type { Visibility } from '../domain/index.ts';
import { compoundParameters } from './compound_documents.ts';
import { csvTable } from './csv_table.ts';
import type { CsvTable } from './csv_table.ts';
import type { ListForm } from './list_method.ts';
import { pageParameters } from './list_query.ts';
import type { QueryParameters } from './parameters.ts';
import type { Resource, ResourceDeps } from './resource.ts';
import { sparseFieldsOf } from './sparse_fields.ts';

// A batch of a sorted list looks at all of it, so there should not be too many; a batch of stations is about 2 MB.
const rowsAtOnce = 2_000;

export function csvListOf<Field extends string>(
  resource: Resource<Field>,
  { store }: ResourceDeps,
): ListForm<Field> {
  const { declaration } = resource;
  const fieldsIn = sparseFieldsOf(declaration);
  return ({ principal }, parameters) => {
    const { attributes, relationships = [] } = fieldsIn(parameters);
    refuseWhatCsvHasNot(declaration, relationships, parameters);
    const table = csvTable(resource, attributes);
    return async (selection) => {
      const batches = batchesOf(resource, selection, store, principal.visibility);
      // What goes wrong before the first byte is answered as an error; after it the connection can only be cut.
      const first = await batches.next();
      return {
        status: 200,
        csv: csvText(table, first.done ? [] : first.value, batches),
        headers: { 'content-disposition': `attachment; filename="${declaration.type}.csv"` },
      };
    };
  };
}

function refuseWhatCsvHasNot(
  declaration: ResourceDeclaration,
  relationships: readonly string[],
  parameters: QueryParameters,
): void {
  for (const name of pageParameters.filter((each) => parameters.get(each) !== undefined)) {
    parameters.refuse(name, `CSV is the whole list and has no pages: leave out ${name}.`);
  }
  for (const name of compoundParameters(declaration).filter((each) => parameters.get(each) !== undefined)) {
    parameters.refuse(name, 'CSV is one table: ask for related resources as a list of their own.');
  }
  if (relationships.length > 0) {
    parameters.refuse(
      `fields[${declaration.type}]`,
      `CSV has attributes only: leave out ${relationships.join(', ')}.`,
    );
  }
}

async function* batchesOf<Field extends string>(
  { fields, page }: Resource<Field>,
  selection: Selection<Field>,
  store: Store,
  visibility: Visibility,
): AsyncGenerator<Row[], void> {
  const textOf = (row: Row, field: Field) => row[fields.indexOf(field)] ?? null;
  let after: RowPlace | undefined;
  do {
    const { rows } = await page(store, visibility, { ...selection, limit: rowsAtOnce, from: { after } });
    yield rows;
    const last = rows.length < rowsAtOnce ? undefined : rows.at(-1);
    after = last && {
      id: textOf(last, 'id' as Field) ?? '',
      sorted: selection.sort.map(({ field }) => textOf(last, field)),
    };
  } while (after !== undefined);
}

async function* csvText(
  { header, lineOf }: CsvTable,
  first: readonly Row[],
  others: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string, void> {
  yield header + first.map(lineOf).join('');
  for await (const rows of others) yield rows.map(lineOf).join('');
}
