// A resource of the API as its routes see it: its declaration, where its rows come from, and what is asked of all of them.

import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Clock } from '../clock.ts';
import type { Invalid, Principal, Visibility } from '../domain/index.ts';
import type { KeptRow, ListQuery, Outline, Page, Row, Store, Tables } from '../store/index.ts';
import { refused } from './errors.ts';
import type { Registry } from './registry.ts';
import { resourceWriter } from './resource_writer.ts';
import type { Attribute, RowWriter } from './resource_writer.ts';
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

/** What is known of a write when its rules are looked at: of the values those of the right form; an id where one is changed. */
export type IntendedWrite = Write & { readonly id: string | undefined };

export type Created = { readonly id: string; readonly shownOnce: Readonly<Record<string, string>> };

/** A resource of which single ones are read and written. */
export type SingleResource<Field extends string> = {
  readonly declaration: ResourceDeclaration;
  /** The store's fields, in the order of its rows. */
  readonly fields: readonly Field[];
  /** Wire name → field. */
  readonly fieldOf: Readonly<Record<string, Field>>;
  readonly find: (tables: Tables, visibility: Visibility, id: string, now: Date) => Promise<Row | undefined>;
  /** Where a resource is listed so often that its rows are worth keeping (outlined_pages.ts). */
  readonly outlines?: Outlines<Field>;
  /**
   * Answers what a write stores beside its values and takes long to make, such as a password's hash: it is made before the
   * transaction, which keeps a connection from others.
   */
  readonly prepared?: (values: Values) => Promise<Values>;
  /**
   * Answers the rules that a write breaks, each by the field that breaks it, so that all that is wrong is told at once. That
   * what it refers to is there, and may be seen, is checked for every resource alike.
   */
  readonly brokenRules?: (write: IntendedWrite) => Promise<readonly Invalid[]>;
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

export type Outlines<Field extends string> = {
  /** The fields that change without a new version. */
  readonly volatile: readonly Field[];
  readonly outline: (
    tables: Tables,
    visibility: Visibility,
    query: ListQuery<Field>,
  ) => Promise<Outline | undefined>;
  /** Answers the state of a page whose outline began at an id; another one where that is not its state any more. */
  readonly state: (
    tables: Tables,
    visibility: Visibility,
    query: ListQuery<Field>,
    startsAt: string,
  ) => Promise<string | undefined>;
  readonly rowsByIds: (tables: Tables, visibility: Visibility, ids: readonly string[]) => Promise<KeptRow[]>;
};

export type ResourceDeps = {
  readonly store: Store;
  readonly clock: Clock;
  /** What the installation's processes sign cursors with. */
  readonly cursorKey: Buffer;
  /** Of all resources of the API. */
  readonly registry: Registry;
};

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

/** @param more what is included, and what goes into `meta` */
export function documentOf(
  data: string,
  self: string,
  more: { included?: readonly string[] | undefined; shownOnce?: Created['shownOnce'] | undefined } = {},
): string {
  const meta = more.shownOnce === undefined ? '' : `"meta":${JSON.stringify(more.shownOnce)},`;
  return `{"data":${data}${includedMember(more.included)},${meta}"links":${JSON.stringify({ self })}}`;
}

/** A document's member `included`, where it has one. */
export const includedMember = (included: readonly string[] | undefined) =>
  included === undefined ? '' : `,"included":[${included.join()}]`;

/** Answers a function that makes writers of some of a resource's attributes; each set of them is compiled once. */
export function writersOf<Field extends string>(resource: SingleResource<Field>) {
  const { declaration, fields, fieldOf, outlines } = resource;
  const known = new Map<string, RowWriter>();
  return (names: readonly string[]): RowWriter => {
    const key = names.join();
    let writer = known.get(key);
    if (writer === undefined) {
      const attributes = names.flatMap((name) => {
        const [field, attribute] = [fieldOf[name], declaration.attributes[name]];
        if (field === undefined || attribute === undefined) return [];
        return [[name, { field, written: writtenAs(attribute.schema) }] as [string, Attribute<Field>]];
      });
      writer = resourceWriter(
        declaration.type,
        fields,
        Object.fromEntries(attributes),
        outlines?.volatile ?? [],
      );
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

export function missing({ type }: Pick<ResourceDeclaration, 'type'>) {
  return refused('not_found', `There is no such ${singularOf(type)}.`);
}

/** `charging_stations` → `charging station`, `companies` → `company`. */
export function singularOf(type: string): string {
  return type.replaceAll('_', ' ').replace(/ies$/, 'y').replace(/s$/, '');
}

export function versionOf<Field extends string>({ fields }: SingleResource<Field>, row: Row): string {
  return row[fields.indexOf('updatedAt' as Field)] ?? '';
}
