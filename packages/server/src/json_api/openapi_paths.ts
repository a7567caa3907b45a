// What the API's description says of paths: their templates, the ids in them, and the paths of the examples.

import { singularOf } from './resource.ts';
import { exampleId } from './openapi_examples.ts';
import { idSchema } from './openapi_schemas.ts';
import type { DeclarationOf, Json } from './openapi_schemas.ts';

export const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '');
export const templateOf = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}');

/** Answers the Parameter Objects of the ids in a path. */
export function pathParameters(path: string, declarationOf: DeclarationOf): Json[] {
  return identifiersIn(path).map(({ name, type }) => ({
    name,
    in: 'path',
    required: true,
    description: `The id of the ${singularOf(type)}.`,
    schema: idSchema(idKindOf(type, declarationOf)),
    example: exampleId(type, idKindOf(type, declarationOf)),
  }));
}

/** Answers the path of the examples. */
export function examplePath(path: string, declarationOf: DeclarationOf): string {
  let asked = path;
  for (const { name, type } of identifiersIn(path)) {
    asked = asked.replace(`:${name}`, String(exampleId(type, idKindOf(type, declarationOf))));
  }
  return asked;
}

// What the documentation has before a station's id in some paths.
const namesOfStations = ['cp', 'synchronous', 'asynchronous'];

/** The path's parameters, with the type of the resource that each identifies. */
function identifiersIn(path: string): { name: string; type: string }[] {
  const segments = segmentsOf(path);
  return segments.flatMap((segment, at) => {
    if (!segment.startsWith(':')) return [];
    const before = segments[at - 1] ?? '';
    return [
      { name: segment.slice(1), type: namesOfStations.includes(before) ? 'charging_stations' : before },
    ];
  });
}

const idKindOf = (type: string, declarationOf: DeclarationOf) => declarationOf(type)?.id ?? 'uuid';
