// Whatever is sent to an operation of the description, right or wrong, the answer is one that the description has.

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { arbitraryValue } from '../arbitrary_value.ts';
import { testApp } from '../test_app.ts';
import { aWorld, describedApi, expectDescribed, examplePath, makeExamples } from './described_api.ts';
import type { DescribedApi, Operation, Parameter, Schema, World } from './described_api.ts';

const app = testApp();
let api: DescribedApi;

beforeAll(async () => {
  api = await describedApi(app);
});

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
const describedValue = (schema: Schema) =>
  arbitraryValue(schema, (each) => api.resolved(each)).filter(
    (value) => api.faultsOf(schema, value).length === 0,
  );

const textOf = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));

/** What a header may hold: printable ASCII. */
const inHeader = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?');

const valueOf = ({ schema }: Parameter) => describedValue(schema).map(textOf);

type Sent = { path: string; headers: Record<string, string>; body: string | undefined };

function requests(operation: Operation, world: World): fc.Arbitrary<Sent> {
  const place = (where: string) => operation.parameters.filter((parameter) => parameter.in === where);
  const inPath = fc.tuple(
    ...place('path').map((parameter) =>
      mostly(fc.constant(world.here(String(parameter.example))), valueOf(parameter), garbage),
    ),
  );
  const one = fc.constantFrom(...place('query'), {
    name: 'unknown',
    in: 'query',
    schema: { type: 'string' },
  } as const);
  const inQuery = fc.array(
    one.chain((parameter) => fc.tuple(fc.constant(parameter.name), mostly(valueOf(parameter), garbage))),
    { maxLength: 3 },
  );
  const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 10 });
  const inHeaders = fc.record(
    {
      ...Object.fromEntries(
        place('header').map((parameter) => [
          parameter.name.toLowerCase(),
          fc.oneof(valueOf(parameter), headerText, fc.constantFrom('*', '"a"', 'W/"a.b"')).map(inHeader),
        ]),
      ),
      accept: mostly(
        fc.constantFrom('*/*', 'application/json', 'application/vnd.api+json', 'text/csv'),
        fc.constantFrom('application/vnd.api+json; ext="a"', 'text/csv;q=0.1', '', ',;'),
      ),
      'content-type': mostly(
        fc.constantFrom('application/json', 'application/vnd.api+json', 'application/json; charset=utf-8'),
        fc.constantFrom('text/plain', 'application/vnd.api+json; ext=a', 'nonsense', 'a/b;;', ''),
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, string>>;
  return fc.record({ inPath, inQuery, headers: inHeaders, body: bodies(operation, world) }).map((sent) => {
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

function bodies({ requestBody }: Operation, world: World): fc.Arbitrary<string | undefined> {
  const content = requestBody?.content['application/json'];
  const anything = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constant('{"data":[]}'),
  );
  if (content === undefined) return mostly<string | undefined>(fc.constant(undefined), anything);
  const described = describedValue(content.schema);
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

describe('any request', () => {
  it('to an operation of the CPO API is answered as described', { timeout: 240_000 }, async () => {
    const seen: Record<string, number> = {};
    for (const operation of api.resourceOperations) {
      const world = await aWorld(app);
      await makeExamples(app, api, world);
      await fc.assert(
        fc.asyncProperty(requests(operation, world), async ({ path, headers, body }) => {
          const answer = await world.ask(path, {
            method: operation.method,
            headers,
            ...(body === undefined ? {} : { body: Buffer.from(body.toWellFormed()) }),
          });
          expect(answer.status, answer.text).toBeLessThan(500);
          expectDescribed(api, operation, answer);
          seen[answer.status] = (seen[answer.status] ?? 0) + 1;
        }),
        { numRuns: 40 },
      );
    }
    // Not all of it may end at the door.
    const statuses = Object.keys(seen).map(Number);
    expect(statuses).toEqual(expect.arrayContaining([200, 201, 204, 400, 404, 406, 409, 412, 415, 422]));
  });

  it('to the token endpoint is answered as described', { timeout: 60_000 }, async () => {
    const world = await aWorld(app);
    for (const operation of api.operations.filter(({ operationId }) => operationId.startsWith('fetch'))) {
      await fc.assert(
        fc.asyncProperty(requests(operation, world), async ({ path, headers, body }) => {
          const answer = await app.ask(path, {
            method: operation.method,
            headers,
            ...(body === undefined ? {} : { body: Buffer.from(body.toWellFormed()) }),
          });
          expect(answer.status, answer.text).toBeLessThan(500);
          expectDescribed(api, operation, answer);
        }),
        { numRuns: 100 },
      );
    }
  });
});

describe('any value that is described', () => {
  it('is taken for a query parameter', { timeout: 120_000 }, async () => {
    const world = await aWorld(app);
    await makeExamples(app, api, world);
    for (const operation of api.resourceOperations.filter(({ method }) => method === 'GET')) {
      // A cursor is what the API answered before.
      const described = operation.parameters.filter(
        ({ name, in: where }) => where === 'query' && name !== 'page[cursor]',
      );
      const path = world.here(examplePath(operation));
      const query = fc.constantFrom(...described).chain((parameter) =>
        describedValue(parameter.schema).map((value) =>
          // Sorted pages are by offset.
          new URLSearchParams({
            [parameter.name]: textOf(value).replaceAll('\0', ''),
            ...(parameter.name === 'sort' ? { 'page[offset]': '0' } : {}),
          }).toString(),
        ),
      );
      await fc.assert(
        fc.asyncProperty(query, async (asked) => {
          const answer = await world.ask(`${path}?${asked}`);
          expect(answer.status, `${path}?${asked}: ${answer.text}`).toBe(200);
          expectDescribed(api, operation, answer);
        }),
        { numRuns: 15 },
      );
    }
  });

  // Rules that no schema can say still hold: what a reference names must be there, an identity is unique, and so on.
  it('is of the right form for an attribute in a body', { timeout: 120_000 }, async () => {
    for (const operation of api.resourceOperations.filter(({ requestBody }) => requestBody)) {
      const world = await aWorld(app);
      await makeExamples(app, api, world);
      const content = operation.requestBody?.content['application/json'];
      const example = JSON.parse(world.here(JSON.stringify(content?.examples?.['flat']?.value))) as object;
      const described = describedValue(content?.schema ?? {});
      await fc.assert(
        fc.asyncProperty(described, fc.nat(), async (value, which) => {
          const { data } = value as { data?: { attributes?: object } };
          const attributes = Object.entries((data === undefined ? (value as object) : data.attributes) ?? {});
          fc.pre(attributes.length > 0);
          const changed = Object.fromEntries([attributes[which % attributes.length] ?? []]) as object;
          const answer = await world.ask(world.here(examplePath(operation)), {
            method: operation.method,
            headers: { 'content-type': 'application/json' },
            body: Buffer.from(JSON.stringify({ ...example, ...changed })),
          });
          expect(answer.text, JSON.stringify(changed)).not.toMatch(ofTheWrongForm);
        }),
        { numRuns: 25 },
      );
    }
  });
});

/** How the server says that a value is not what its schema describes. */
const ofTheWrongForm =
  /"The value (is |must match|must not be blank|must NOT|must be (an? |one of|equal|[<>]=?|string|integer|number|object|array|boolean|null))/;
