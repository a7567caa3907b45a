// The resources of an API as those see them that refer to them: found by their type, and spoken of by wire names.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Visibility } from '../domain/index.ts';
import type { Row, Tables } from '../store/index.ts';
import { missing, writersOf } from './resource.ts';
import type { Resource, SingleResource } from './resource.ts';
import type { RowWriter } from './resource_writer.ts';
import { isIdOf } from './value_forms.ts';

/** What the writes of others may name. */
export type Referable = {
  readonly declaration: Pick<ResourceDeclaration, 'type' | 'id'>;
  /** Answers undefined where there is none, or none that may be seen. */
  readonly find: (tables: Tables, visibility: Visibility, id: string, now: Date) => Promise<unknown>;
};

/** A resource's rows, spoken of by wire names. */
export type WireNames = {
  readonly declaration: ResourceDeclaration;
  /** Answers the text of an attribute or of `id`. */
  readonly textOf: (row: Row, attribute: string) => string | undefined;
  readonly writerOf: (attributes: readonly string[]) => RowWriter;
};

/** What relationships lead to. */
export type Related = WireNames & {
  /** Answers the visible ones whose attribute, or `id`, has one of the values, in the order of creation. */
  readonly having: (
    tables: Tables,
    visibility: Visibility,
    query: { attribute: string; values: readonly string[]; limit: number; now: Date },
  ) => Promise<readonly Row[]>;
};

export type Registry = {
  /** Both throw where the type is not known: a declaration then names what the API does not have. */
  readonly referable: (type: string) => Referable;
  readonly related: (type: string) => Related;
};

/** @param others what can be referred to, but is no resource with relationships to it */
export function registryOf(
  resources: readonly (Referable & Related)[],
  others: readonly Referable[] = [],
): Registry {
  return {
    referable: (type) => known([...resources, ...others], type),
    related: (type) => known(resources, type),
  };
}

function known<R extends Referable | Related>(resources: readonly R[], type: string): R {
  const resource = resources.find(({ declaration }) => declaration.type === type);
  if (resource === undefined) throw new Error(`the API has no ${type}`);
  return resource;
}

/** Answers a resource by its wire names. */
export function byWireNames<Field extends string>(resource: SingleResource<Field>): WireNames {
  const { declaration, fields } = resource;
  return {
    declaration,
    textOf: (row, attribute) => row[fields.indexOf(fieldNamed(resource, attribute))] ?? undefined,
    writerOf: writersOf(resource),
  };
}

/** Answers a resource as others see it. */
export function seenByOthers<Field extends string>(resource: Resource<Field>): Referable & Related {
  const { page, find } = resource;
  return {
    ...byWireNames(resource),
    find,
    async having(tables, visibility, { attribute, values, limit, now }) {
      const filters = [{ field: fieldNamed(resource, attribute), values }];
      const query = { now, limit, from: { after: undefined }, filters, sort: [] };
      const { rows } = await page(tables, visibility, {
        ...query,
        updatedSince: undefined,
        search: undefined,
      });
      return rows;
    },
  };
}

function fieldNamed<Field extends string>(
  { declaration, fieldOf }: SingleResource<Field>,
  attribute: string,
): Field {
  const field = attribute === 'id' ? ('id' as Field) : fieldOf[attribute];
  if (field === undefined) throw new Error(`${declaration.type} have no ${attribute}`);
  return field;
}

/** Answers whether an id that a request names leads to something that may be seen. */
export async function isVisible(
  { declaration, find }: Referable,
  id: string,
  { tables, visibility, now }: { tables: Tables; visibility: Visibility; now: Date },
): Promise<boolean> {
  return isIdOf(declaration.id, id) && (await find(tables, visibility, id, now)) !== undefined;
}

/** @throws {RequestRefused} not_found where an id of the path leads to nothing that may be seen */
export async function requireVisible(
  referable: Referable,
  id: string,
  within: { tables: Tables; visibility: Visibility; now: Date },
): Promise<void> {
  if (!(await isVisible(referable, id, within))) throw missing(referable.declaration);
}
