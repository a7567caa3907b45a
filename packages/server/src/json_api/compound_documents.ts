// Compound documents (JSON:API 1.1 §6.3, §7.4): what `include` and `fields[…]` ask of a resource's relationships, and how
// rows become resource objects with their linkage and with the resources that it leads to. Each relationship is one query
// for all rows together. What may not be seen is neither included nor linked.

import { relationshipsOf } from '@chargeyard/contract/resource';
import type { Relationship } from '@chargeyard/contract/resource';
import type { Principal } from '../domain/index.ts';
import type { Row, Tables } from '../store/index.ts';
import { refused } from './errors.ts';
import type { QueryParameters } from './parameters.ts';
import { byWireNames } from './registry.ts';
import type { Registry, Related, WireNames } from './registry.ts';
import { scopeOf } from './resource.ts';
import type { Resource, SingleResource } from './resource.ts';
import type { RowWriter } from './resource_writer.ts';
import { requireScope } from './scope.ts';
import { sparseFieldsOf, wordsIn } from './sparse_fields.ts';

/** Of one relationship, for all resources of a document together: a page of 500 stations with 20 connectors each. */
const mostRelated = 10_000;

/** Resource objects as JSON text; without `included` where the request does not ask for a compound document. */
export type Compound = {
  readonly data: readonly string[];
  readonly included?: readonly string[];
};

export type CompoundWriter = {
  /** @throws {RequestRefused} insufficient_scope where a related resource may not be read */
  readonly requireScopes: (principal: Principal) => void;
  /** Writes the same where each row is a resource object by itself; undefined where it is not. */
  readonly plain: RowWriter | undefined;
  /** @throws {RequestRefused} invalid_parameter where the rows have more than `mostRelated` related ones */
  readonly write: (
    rows: readonly Row[],
    asked: { tables: Tables; principal: Principal; now: Date },
  ) => Promise<Compound>;
};

type Link = Relationship & { readonly related: Related };

/**
 * Answers a function that makes the writer which a request's parameters ask for. Values that are wrong are noted as faults
 * of the parameters.
 */
export function compoundWriters<Field extends string>(
  resource: SingleResource<Field>,
  registry: Registry,
): (parameters: QueryParameters) => CompoundWriter {
  const { declaration } = resource;
  const primary = byWireNames(resource);
  const links: readonly Link[] = relationshipsOf(declaration).map((relationship) => ({
    ...relationship,
    related: registry.related(relationship.type),
  }));
  const sparse = new Map(
    [declaration, ...links.map(({ related }) => related.declaration)].map((each) => [
      each.type,
      sparseFieldsOf(each),
    ]),
  );
  return (parameters) => {
    const include = includedNames(links, parameters);
    const fields = new Map([...sparse].map(([type, fieldsIn]) => [type, fieldsIn(parameters)]));
    const { relationships = include ?? [] } = fields.get(declaration.type) ?? {};
    const shown = links.filter(({ name }) => relationships.includes(name));
    const followed = links.filter((link) => shown.includes(link) || include?.includes(link.name));
    const writerFor = ({ declaration: { type }, writerOf }: WireNames) =>
      writerOf(fields.get(type)?.attributes ?? []);
    return {
      plain: include === undefined && shown.length === 0 ? writerFor(primary) : undefined,
      requireScopes(principal) {
        for (const { related } of followed) requireScope(principal, scopeOf(related.declaration, 'read'));
      },
      async write(rows, asked) {
        const ends = await Promise.all(followed.map((link) => relatedRows(link, primary, rows, asked)));
        const found = new Map(followed.map((link, at) => [link, ends[at] ?? new Map<string, Row[]>()]));
        const linkage = (row: Row) =>
          shown.map((link) =>
            linkageOf(link, found.get(link)?.get(primary.textOf(row, link.from) ?? '') ?? []),
          );
        const { write } = writerFor(primary);
        const data = rows.map((row) => withRelationships(write(row), linkage(row)));
        if (include === undefined) return { data };
        // Each once, and none that the document has as primary data (JSON:API 1.1 §7.4).
        const written = new Map(rows.map((row) => [identifierOf(primary, row), '']));
        for (const link of followed.filter(({ name }) => include.includes(name))) {
          const writer = writerFor(link.related);
          for (const row of [...(found.get(link)?.values() ?? [])].flat()) {
            const identifier = identifierOf(link.related, row);
            if (!written.has(identifier)) written.set(identifier, writer.write(row));
          }
        }
        return { data, included: [...written.values()].filter((json) => json !== '') };
      },
    };
  };
}

/** The names of the query parameters that ask for related resources; none where there are no relationships. */
export function compoundParameters(declaration: Resource<string>['declaration']): string[] {
  const types = relationshipsOf(declaration).map(({ type }) => type);
  if (types.length === 0) return [];
  return [
    'include',
    ...new Set(types.filter((type) => type !== declaration.type).map((type) => `fields[${type}]`)),
  ];
}

/** Undefined where there is no `include`; an empty one asks for a compound document that includes nothing. */
function includedNames(links: readonly Link[], parameters: QueryParameters): readonly string[] | undefined {
  const names = wordsIn(parameters.get('include'));
  const known = links.map(({ name }) => name);
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    parameters.refuse(
      'include',
      `There are no relationships ${unknown.join(', ')}; there are ${known.join(', ')}.`,
    );
  }
  return names;
}

/** Answers the related rows by the text that they have in common with the rows they are related to. */
async function relatedRows(
  { name, type, related, from, to }: Link,
  primary: WireNames,
  rows: readonly Row[],
  { tables, principal, now }: { tables: Tables; principal: Principal; now: Date },
): Promise<Map<string, Row[]>> {
  const values = [...new Set(rows.flatMap((row) => primary.textOf(row, from) ?? []))];
  if (values.length === 0) return new Map();
  const query = { attribute: to, values, limit: mostRelated + 1, now };
  const found = await related.having(tables, principal.visibility, query);
  if (found.length > mostRelated) {
    throw refused(
      'invalid_parameter',
      `There are more than ${mostRelated} ${type.replaceAll('_', ' ')} in the relationship ${name}: ask for fewer resources at once.`,
      { source: { parameter: 'include' } },
    );
  }
  return Map.groupBy(found, (row) => related.textOf(row, to) ?? '');
}

/** A relationship's member in `relationships` (JSON:API 1.1 §7.2.2), as JSON text. */
function linkageOf({ name, related, isToMany }: Link, rows: readonly Row[]): string {
  const identifiers = rows.map((row) => identifierOf(related, row));
  const data = isToMany ? `[${identifiers.join()}]` : (identifiers[0] ?? 'null');
  return `${JSON.stringify(name)}:{"data":${data}}`;
}

/** A resource identifier object, as JSON text. */
function identifierOf({ declaration, textOf }: WireNames, row: Row): string {
  return JSON.stringify({ type: declaration.type, id: textOf(row, 'id') });
}

function withRelationships(json: string, members: readonly string[]): string {
  return members.length === 0 ? json : `${json.slice(0, -1)},"relationships":{${members.join()}}}`;
}
