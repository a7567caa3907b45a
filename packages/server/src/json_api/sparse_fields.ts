// Sparse fieldsets (JSON:API 1.1 §6.4): which attributes and relationships `fields[type]` asks for.

import { relationshipsOf, shownAttributes } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { QueryParameters } from './parameters.ts';

/** The names, in the declaration's order; `relationships` is undefined where nothing says which. */
export type SparseFields = {
  readonly attributes: readonly string[];
  readonly relationships?: readonly string[];
};

/**
 * Answers a function that tells what a request asks for with `fields[type]`: all attributes where it is not given. Unknown
 * names are a fault.
 */
export function sparseFieldsOf(
  declaration: ResourceDeclaration,
): (parameters: QueryParameters) => SparseFields {
  const parameter = `fields[${declaration.type}]`;
  const attributes = shownAttributes(declaration).map(([name]) => name);
  const relationships = relationshipsOf(declaration).map(({ name }) => name);
  return (parameters) => {
    const asked = wordsIn(parameters.get(parameter));
    if (asked === undefined) return { attributes };
    const unknown = asked.filter((name) => !attributes.includes(name) && !relationships.includes(name));
    if (unknown.length > 0) parameters.refuse(parameter, `There are no attributes ${unknown.join(', ')}.`);
    return {
      attributes: attributes.filter((name) => asked.includes(name)),
      relationships: relationships.filter((name) => asked.includes(name)),
    };
  };
}

/** The words of a list that commas separate. */
export function wordsIn(text: string | undefined): string[] | undefined {
  return text?.split(',').filter((word) => word !== '');
}
