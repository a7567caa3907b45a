// Requests of every kind to an operation of a description, right and wrong, and values that its schemas describe.

import * as fc from 'fast-check';
import { arbitraryValue } from '../arbitrary_value.ts';
import type { DescribedApi, Operation, Parameter, Schema, World } from './described_api.ts';

const garbage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e3',
    'null',
    'a,b',
    ',',
    '%',
    '\0',
    '2026-02-30T00:00:00Z',
    '+00',
    "' or 1=1 --",
  ),
);
/** Mostly what the first makes, sometimes what the others do. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof({ arbitrary: usual, weight: 8 }, ...others.map((arbitrary) => ({ arbitrary, weight: 1 })));

/** Values that a schema describes, `if` and `not` included. */
export const describedValue = (api: DescribedApi, schema: Schema) =>
  arbitraryValue(schema, (each) => api.resolved(each)).filter(
    (value) => api.faultsOf(schema, value).length === 0,
  );

export const textOf = (value: unknown) =>
  Array.isArray(value)
    ? value.map((text) => String(text).replaceAll(/[\\,]/g, '\\$&')).join(',')
    : String(value);

/** What a header may hold: printable ASCII. */
const inHeader = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?');

const valueOf = (api: DescribedApi, { schema }: Parameter) => describedValue(api, schema).map(textOf);

export type Sent = { path: string; headers: Record<string, string>; body: string | undefined };

export function requests(
  api: DescribedApi,
  operation: Operation,
  world: Pick<World, 'here'>,
): fc.Arbitrary<Sent> {
  const place = (where: string) => operation.parameters.filter((parameter) => parameter.in === where);
  const inPath = fc.tuple(
    ...place('path').map((parameter) =>
      mostly(fc.constant(world.here(String(parameter.example))), valueOf(api, parameter), garbage),
    ),
  );
  const one = fc.constantFrom(...place('query'), {
    name: 'unknown',
    in: 'query',
    schema: { type: 'string' },
  } as const);
  const inQuery = fc.array(
    one.chain((parameter) => fc.tuple(fc.constant(parameter.name), mostly(valueOf(api, parameter), garbage))),
    { maxLength: 3 },
  );
  const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 10 });
  const inHeaders = fc.record(
    {
      ...Object.fromEntries(
        place('header').map((parameter) => [
          parameter.name.toLowerCase(),
          fc.oneof(valueOf(api, parameter), headerText, fc.constantFrom('*', '"a"', 'W/"a.b"')).map(inHeader),
        ]),
      ),
      accept: mostly(
        fc.constantFrom('*/*', 'application/json', 'application/vnd.api+json'),
        fc.constantFrom('application/vnd.api+json; ext="a"', 'text/csv;q=0.1', '', ',;'),
      ),
      'content-type': mostly(
        fc.constantFrom('application/json', 'application/vnd.api+json', 'application/json; charset=utf-8'),
        fc.constantFrom('text/plain', 'application/vnd.api+json; ext=a', 'nonsense', 'a/b;;', ''),
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>;
  return fc
    .record({ inPath, inQuery, headers: inHeaders, body: bodies(api, operation, world) })
    .map((sent) => {
      // An empty one would make the path another operation's.
      let path = operation.path;
      place('path').forEach(({ name }, at) => {
        path = path.replace(`{${name}}`, encodeURIComponent((sent.inPath[at] || '-').toWellFormed()));
      });
      const query = sent.inQuery
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
        .join('&');
      return { path: query === '' ? path : `${path}?${query}`, headers: sent.headers, body: sent.body };
    });
}

function bodies(
  api: DescribedApi,
  { requestBody }: Operation,
  world: Pick<World, 'here'>,
): fc.Arbitrary<string | undefined> {
  const content = requestBody?.content['application/json'];
  const anything = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constant('{"data":[]}'),
  );
  if (content === undefined) return mostly<string | undefined>(fc.constant(undefined), anything);
  const described = describedValue(api, content.schema);
  const example = JSON.parse(
    world.here(JSON.stringify(Object.values(content.examples ?? {})[0]?.value)),
  ) as object;
  // The example with some other values: right ones, so that rules of the domain are met, or any.
  const changed = fc
    .tuple(described, fc.dictionary(fc.constantFrom(...Object.keys(example)), fc.jsonValue(), { maxKeys: 1 }))
    .map(([value, wrong]) => {
      const { data } = value as { data?: { attributes?: object } };
      const attributes = data === undefined ? (value as object) : data.attributes;
      const some = Object.fromEntries(Object.entries(attributes ?? {}).slice(0, 2));
      return { ...example, ...some, ...wrong };
    });
  return mostly<string | undefined>(
    fc.oneof(described, changed).map((value) => JSON.stringify(value)),
    anything,
    fc.constant(undefined),
  );
}
