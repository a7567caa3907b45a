// What a write refers to must be there, and be something that its writer may see, or a bound API client could put its
// resources elsewhere. The database's foreign keys have the last word: what is there now can be gone at the commit.

import type { AttributeDeclaration } from '@chargeyard/contract/resource';
import { Invalid, called } from '../domain/index.ts';
import type { Row } from '../store/index.ts';
import { isVisible } from './registry.ts';
import type { Referable, Registry } from './registry.ts';
import { singularOf } from './resource.ts';
import type { IntendedWrite, SingleResource } from './resource.ts';

/** Answers what is wrong with a write's references, by their fields. `known` is the row that it changes. */
export type BrokenReferences = (write: IntendedWrite, known: Row | undefined) => Promise<readonly Invalid[]>;

type Reference = Pick<AttributeDeclaration, 'tellsOwner'> & {
  readonly field: string;
  readonly at: number;
  readonly to: Referable;
};

export function brokenReferencesOf<Field extends string>(
  { declaration, fields, fieldOf }: SingleResource<Field>,
  registry: Registry,
): BrokenReferences {
  const references = Object.entries(declaration.attributes).flatMap(([name, attribute]): Reference[] => {
    const { written, refersTo, tellsOwner } = attribute;
    const field = fieldOf[name];
    if (written === undefined || refersTo === undefined || field === undefined) return [];
    const to = registry.referable(refersTo);
    return [{ field, at: fields.indexOf(field), to, ...(tellsOwner ? { tellsOwner } : {}) }];
  });
  return async (write, known) => {
    const broken = await Promise.all(references.map((reference) => brokenReference(reference, write, known)));
    return broken.filter((rule) => rule !== undefined);
  };
}

async function brokenReference(
  { field, at, to, tellsOwner }: Reference,
  { tables, principal, values, now, id }: IntendedWrite,
  known: Row | undefined,
): Promise<Invalid | undefined> {
  const { visibility } = principal;
  const isNamed = id === undefined || field in values;
  if (!isNamed) return undefined;
  const value = values[field] ?? null;
  if (value === null) {
    if (!tellsOwner || visibility.company === undefined) return undefined;
    return new Invalid(`${called(principal)} bound to a company must name a company.`, { field });
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // What stays as it is may be what others chose.
  if (text.toLowerCase() === known?.[at]) return undefined;
  if (await isVisible(to, text, { tables, visibility, now })) return undefined;
  return new Invalid(`There is no such ${singularOf(to.declaration.type)}.`, { field });
}
