// Whatever is sent to an operation of the description, right or wrong, the answer is one that the description has.

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../test_app.ts';
import { aWorld, describedApi, expectDescribed, examplePath, isSent, makeExamples } from './described_api.ts';
import type { DescribedApi } from './described_api.ts';
import { describedValue, requests, textOf } from './described_requests.ts';

const app = testApp();
let api: DescribedApi;

beforeAll(async () => {
  api = await describedApi(app);
});

describe('any request', () => {
  it('to an operation of the CPO API is answered as described', { timeout: 240_000 }, async () => {
    const seen: Record<string, number> = {};
    for (const operation of api.resourceOperations) {
      const world = await aWorld(app);
      await makeExamples(app, api, world);
      await fc.assert(
        fc.asyncProperty(requests(api, operation, world), async ({ path, headers, body }) => {
          const answer = await world.ask(path, {
            method: operation.method,
            headers,
            ...(body === undefined ? {} : { body: Buffer.from(body.toWellFormed()) }),
          });
          // No station is connected.
          const isAway = isSent(operation) && answer.status === 503;
          expect(isAway || answer.status < 500, answer.text).toBe(true);
          expectDescribed(api, operation, answer);
          seen[answer.status] = (seen[answer.status] ?? 0) + 1;
        }),
        // Commands are many, and alike.
        { numRuns: isSent(operation) ? 10 : 40 },
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
        fc.asyncProperty(requests(api, operation, world), async ({ path, headers, body }) => {
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
    const reads = api.resourceOperations.filter((each) => each.method === 'GET' && !isSent(each));
    for (const operation of reads) {
      // A cursor is what the API answered before.
      const described = operation.parameters.filter(
        ({ name, in: where }) => where === 'query' && name !== 'page[cursor]',
      );
      // A download has none.
      if (described.length === 0) continue;
      const path = world.here(examplePath(operation));
      const query = fc.constantFrom(...described).chain((parameter) =>
        describedValue(api, parameter.schema).map((value) =>
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
  it('is of the right form for an attribute in a body', { timeout: 240_000 }, async () => {
    for (const operation of api.resourceOperations.filter(({ requestBody }) => requestBody)) {
      const world = await aWorld(app);
      await makeExamples(app, api, world);
      const content = operation.requestBody?.content['application/json'];
      const example = JSON.parse(world.here(JSON.stringify(content?.examples?.['flat']?.value))) as object;
      const described = describedValue(api, content?.schema ?? {});
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
        { numRuns: isSent(operation) ? 10 : 25 },
      );
    }
  });
});

/** How the server says that a value is not what its schema describes. */
const ofTheWrongForm =
  /"The value (is |must match|must not be blank|must NOT|must be (an? |one of|equal|[<>]=?|string|integer|number|object|array|boolean|null))/;
