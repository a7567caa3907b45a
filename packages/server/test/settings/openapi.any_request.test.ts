// Whatever is sent to an operation of the settings API, right or wrong, the answer is one that the description has.

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { aTenant, aUser, anApiClient } from '../builders.ts';
import { describedApi, expectDescribed } from '../cpoapi/described_api.ts';
import type { DescribedApi } from '../cpoapi/described_api.ts';
import { requests } from '../cpoapi/described_requests.ts';
import { testApp } from '../test_app.ts';
import { aSignedIn } from './signed_in.ts';

const app = testApp();
const url = '/api/settings/v1/openapi.json';
let api: DescribedApi;

beforeAll(async () => {
  api = await describedApi(app, url);
});

/** A tenant in which the examples' user and API client are there, and an owner asks. */
async function aWorld() {
  const tenant = await aTenant(app.store);
  await aUser(app.store, tenant.id, { role: 'viewer' });
  const { clientId } = await anApiClient(app.store, tenant.id);
  const { cookie } = await aSignedIn(app, tenant);
  const example = api.operations
    .flatMap(({ path, parameters }) => (path.includes('/api_clients/') ? parameters : []))
    .find(({ name }) => name === 'id')?.example;
  return { cookie, here: (text: string) => text.replaceAll(String(example), clientId) };
}

describe('any request', () => {
  it('to an operation of the settings API is answered as described', { timeout: 240_000 }, async () => {
    const seen: Record<string, number> = {};
    for (const operation of api.operations.filter(({ path }) => path !== url)) {
      const { cookie, here } = await aWorld();
      await fc.assert(
        fc.asyncProperty(requests(api, operation, { here }), async ({ path, headers, body }) => {
          const answer = await app.ask(path, {
            method: operation.method,
            headers: { ...headers, cookie },
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
    expect(statuses).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404, 415, 422]));
  });
});
