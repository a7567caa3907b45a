// What a page does when its rows change while it is read; that pages are right is tested on the API itself
// (cpoapi/outlined_pages.test.ts).

import { chargingStations as declaration } from '@chargeyard/contract/resources/charging_stations';
import { describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import type { Visibility } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { outlinedPages } from '../../src/json_api/outlined_pages.ts';
import { resourceWriter } from '../../src/json_api/resource_writer.ts';
import type { Asked, Resource } from '../../src/json_api/index.ts';
import { plainQuery } from '../../src/store/index.ts';
import type { KeptRow, Outline, Store } from '../../src/store/index.ts';

type Field = 'id' | 'label' | 'seen';
const fields = ['id', 'label', 'seen'] as const;
const writer = resourceWriter<Field>(
  'things',
  fields,
  { label: { field: 'label', written: 'text' }, seen: { field: 'seen', written: 'text' } },
  ['seen'],
);

const stateOf = (rows: Record<string, number>) => JSON.stringify(Object.entries(rows));

/**
 * A table whose states are read one after the other: what it says at each outline, at each reading of rows, and at each
 * question for a page's state.
 */
function aTable(
  outlines: Record<string, number>[],
  readings: Record<string, number>[],
  states: Record<string, number>[] = [],
) {
  const asked: string[][] = [];
  const resource: Resource<Field> = {
    declaration,
    path: '/things',
    fields,
    fieldOf: {},
    page: () => Promise.reject(new Error('the page was read as a whole')),
    find: () => Promise.resolve(undefined),
    outlines: {
      volatile: ['seen'],
      async outline(): Promise<Outline> {
        const outline = outlines.shift() ?? {};
        const rows = Object.entries(outline);
        return {
          total: rows.length,
          state: stateOf(outline),
          startsAt: rows[0]?.[0],
          rows: () => rows.map(([id, version]) => ({ id, version: String(version), volatile: ['now'] })),
        };
      },
      state: async () => stateOf(states.shift() ?? {}),
      async rowsByIds(_tables, _visibility, ids): Promise<KeptRow[]> {
        asked.push([...ids]);
        const there = Object.entries(readings.shift() ?? {}).filter(([id]) => ids.includes(id));
        return there.map(([id, version]) => ({
          id,
          version: String(version),
          row: [id, `${id}${version}`, null],
        }));
      },
    },
  };
  return { resource, asked };
}

const tenant = wholeTenant('018f0000-0000-7000-8000-000000000000');
const requestOf = (visibility: Visibility, headers = {}) =>
  ({ principal: { visibility }, headers, url: 'http://localhost/things', query: '' }) as unknown as Asked;
const query = plainQuery({ limit: 10, offset: 0, now: new Date() });
const thing = (id: string, version: number) => ({
  type: 'things',
  id,
  attributes: { label: `${id}${version}`, seen: 'now' },
});

function answering(resource: Resource<Field>, sizes?: { keepsRows: number; keepsPages: number }) {
  const answer = outlinedPages(resource, {} as Store, sizes);
  return (request: Asked) =>
    answer(request, query, writer, (total) => ({ pagination: { total }, links: {} }));
}

function asking(...of: Parameters<typeof answering>) {
  const answer = answering(...of);
  return async (visibility = tenant) => {
    const answered = await answer(requestOf(visibility));
    return (JSON.parse(String(answered?.json)) as { data: unknown }).data;
  };
}

describe('a page by its outline', () => {
  it('reads the rows that it lacks, once', async () => {
    const { resource, asked } = aTable(
      [
        { a: 1, b: 1 },
        { b: 1, c: 1 },
        { a: 1, b: 2 },
      ],
      [{ a: 1, b: 1 }, { c: 1 }, { b: 2 }],
    );
    const page = asking(resource);
    expect(await page()).toEqual([thing('a', 1), thing('b', 1)]);
    expect(await page()).toEqual([thing('b', 1), thing('c', 1)]);
    expect(await page()).toEqual([thing('a', 1), thing('b', 2)]);
    expect(asked).toEqual([['a', 'b'], ['c'], ['b']]);
  });

  it('is asked for anew when a row changes before it is read', async () => {
    const { resource, asked } = aTable(
      [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ],
      [{ a: 1, b: 2 }],
    );
    expect(await asking(resource)()).toEqual([thing('a', 1), thing('b', 2)]);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('is asked for anew when a row goes before it is read', async () => {
    const { resource } = aTable([{ a: 1, b: 1 }, { a: 1 }], [{ a: 1 }]);
    expect(await asking(resource)()).toEqual([thing('a', 1)]);
  });

  it('needs no room to keep anything', async () => {
    const { resource } = aTable(
      [
        { a: 1, b: 1 },
        { a: 1, b: 1 },
      ],
      [
        { a: 1, b: 1 },
        { a: 1, b: 1 },
      ],
    );
    const page = asking(resource, { keepsRows: 0, keepsPages: 0 });
    expect(await page()).toEqual([thing('a', 1), thing('b', 1)]);
    expect(await page()).toEqual([thing('a', 1), thing('b', 1)]);
  });

  it('is sent as it is kept while its state stays, and read anew when it does not', async () => {
    const { resource, asked } = aTable(
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { a: 2 }, { a: 2 }],
    );
    const page = asking(resource);
    expect(await page()).toEqual([thing('a', 1)]);
    expect(await page()).toEqual([thing('a', 1)]);
    expect(await page()).toEqual([thing('a', 2)]);
    expect(await page()).toEqual([thing('a', 2)]);
    expect(asked).toEqual([['a'], ['a']]);
  });

  it('is known by the tag that it was sent with', async () => {
    const { resource } = aTable([{ a: 1 }], [{ a: 1 }], [{ a: 1 }]);
    const answer = answering(resource);
    const { etag } = (await answer(requestOf(tenant)))?.headers ?? {};
    expect(await answer(requestOf(tenant, { 'if-none-match': etag }))).toEqual({
      status: 304,
      headers: { etag },
    });
  });

  it.each([
    ['another tenant', wholeTenant(newId())],
    ['one company', { ...tenant, company: { companyId: newId(), withSubordinates: false } }],
  ])('is not what is kept for the whole tenant where %s asks', async (_who, visibility) => {
    const { resource } = aTable([{ a: 1, b: 1 }, { b: 1 }], [{ a: 1, b: 1 }, { b: 1 }], [{ a: 1, b: 1 }]);
    const page = asking(resource);
    expect(await page()).toEqual([thing('a', 1), thing('b', 1)]);
    expect(await page(visibility)).toEqual([thing('b', 1)]);
  });

  it('is read once for all who ask in the same moment', async () => {
    const { resource, asked } = aTable([{ a: 1 }], [{ a: 1 }]);
    const page = asking(resource);
    expect(await Promise.all([page(), page(), page()])).toEqual(
      Array.from({ length: 3 }, () => [thing('a', 1)]),
    );
    expect(asked).toEqual([['a']]);
  });
});
