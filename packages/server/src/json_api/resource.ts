// A resource of the API as its routes see it: its declaration, where its rows come from, and what is asked of all of them.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Clock } from '../clock.ts';
import type { Principal, Visibility } from '../domain/index.ts';
import type { ListQuery, Page, Row, Store, Tables } from '../store/index.ts';
import { refused } from './errors.ts';
import { resourceWriter } from './resource_writer.ts';
import type { Attribute } from './resource_writer.ts';
import type { Asked } from './routes.ts';
import { isIdOf, writtenAs } from './value_forms.ts';

export type Values = Readonly<Record<string, unknown>>;

/** A write: by whom, of what, when; `tables` are those of the transaction that it is part of. */
export type Write = {
  readonly tables: Tables;
  readonly principal: Principal;
  /** Wire names are the store's fields here. */
  readonly values: Values;
  readonly now: Date;
};

export type Created = { readonly id: string; readonly shownOnce: Readonly<Record<string, string>> };

/** A resource of which single ones are read and written. */
export type SingleResource<Field extends string> = {
  readonly declaration: ResourceDeclaration;
  /** The store's fields, in the order of its rows. */
  readonly fields: readonly Field[];
  /** Wire name → field. */
  readonly fieldOf: Readonly<Record<string, Field>>;
  readonly find: (tables: Tables, visibility: Visibility, id: string, now: Date) => Promise<Row | undefined>;
  /** Answers false when the resource is not there, or is of another version than `ifUpdatedAt`. */
  readonly update?: (write: Write & { id: string; ifUpdatedAt: string | undefined }) => Promise<boolean>;
  readonly delete?: (
    write: Omit<Write, 'values'> & { id: string; ifUpdatedAt: string | undefined },
  ) => Promise<boolean>;
};

/** A resource with a list. */
export type Resource<Field extends string> = SingleResource<Field> & {
  /** Where its list is, `/charging_stations`. Under the same path with an id is the single resource. */
  readonly path: string;
  readonly page: (tables: Tables, visibility: Visibility, query: ListQuery<Field>) => Promise<Page>;
  /** Answers the new resource's id, with what is shown only once where there is such. */
  readonly create?: (write: Write) => Promise<string | Created>;
};

export type ResourceDeps = { readonly store: Store; readonly clock: Clock };

/**
 * The attributes that a path sets, by wire name, such as the station of `/cp/:cpuuid/connectors`: lists hold, and single
 * paths lead to, what has these values, and what is created gets them.
 */
export type Within = {
  readonly attributes: readonly string[];
  /** Answers their values. */
  readonly given: (asked: Asked) => Promise<Readonly<Record<string, string>>>;
};

export const withinNothing: Within = { attributes: [], given: async () => ({}) };

export const scopeOf = ({ api = 'cpoapi', type }: ResourceDeclaration, right: 'read' | 'write') =>
  `${api}:${type}:${right}`;

export const idOf = ({ params }: Asked) => params['id'] ?? '';

/** @param shownOnce what goes into `meta`; without it there is none */
export function documentOf(data: string, self: string, shownOnce?: Readonly<Record<string, string>>): string {
  const meta = shownOnce === undefined ? '' : `"meta":${JSON.stringify(shownOnce)},`;
  return `{"data":${data},${meta}"links":${JSON.stringify({ self })}}`;
}

/** Answers a function that makes writers of some of a resource's attributes; each set of them is compiled once. */
export function writersOf<Field extends string>({ declaration, fields, fieldOf }: SingleResource<Field>) {
  const known = new Map<string, (row: Row) => string>();
  return (names: readonly string[]): ((row: Row) => string) => {
    const key = names.join();
    let writer = known.get(key);
    if (writer === undefined) {
      const attributes = names.flatMap((name) => {
        const [field, attribute] = [fieldOf[name], declaration.attributes[name]];
        if (field === undefined || attribute === undefined) return [];
        return [[name, { field, written: writtenAs(attribute.schema) }] as [string, Attribute<Field>]];
      });
      writer = resourceWriter(declaration.type, fields, Object.fromEntries(attributes));
      // Sets are in the declaration's order, and few clients ask for many; but they could.
      if (known.size < 200) known.set(key, writer);
    }
    return writer;
  };
}

export async function getRow<Field extends string>(
  resource: SingleResource<Field>,
  tables: Tables,
  asked: Asked,
  { now, given }: { now: Date; given: Readonly<Record<string, string>> },
): Promise<Row> {
  const id = idOf(asked);
  const isOfForm = isIdOf(resource.declaration.id, id);
  const row = isOfForm ? await resource.find(tables, asked.principal.visibility, id, now) : undefined;
  const isWithin = Object.entries(given).every(
    ([name, value]) => row?.[resource.fields.indexOf(resource.fieldOf[name] as Field)] === value,
  );
  if (row === undefined || !isWithin) throw missing(resource.declaration);
  return row;
}

export function missing({ type }: ResourceDeclaration) {
  return refused('not_found', `There is no such ${singularOf(type)}.`);
}

/** `charging_stations` → `charging station`, `companies` → `company`. */
export function singularOf(type: string): string {
  return type.replaceAll('_', ' ').replace(/ies$/, 'y').replace(/s$/, '');
}

export function versionOf<Field extends string>({ fields }: SingleResource<Field>, row: Row): string {
  return row[fields.indexOf('updatedAt' as Field)] ?? '';
}
