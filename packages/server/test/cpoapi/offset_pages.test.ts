import { ChargingStationPage } from '@chargeyard/contract/resources/charging_stations';
import { Check } from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const app = testApp();
const path = '/api/cpoapi/v1/charging_stations/';

type Page = {
  data: { id: string }[];
  meta: { pagination: { total: number; offset: number; limit: number; lastPage: boolean } };
  links: { current: string; self: string; first: string; last: string; next?: string; prev?: string };
};

let authorization: string;
const ids: string[] = [];

beforeAll(async () => {
  const tenant = await aTenant(app.store);
  authorization = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
  for (let made = 0; made < 10; made += 1) ids.push((await aChargingStation(app.store, tenant.id)).id);
});

const ask = (query: string): Promise<Answer> => app.ask(path + query, { headers: { authorization } });

async function page(query: string): Promise<Page> {
  const answer = await ask(query);
  expect(answer.status).toBe(200);
  expect(Check(ChargingStationPage, answer.json())).toBe(true);
  return answer.json<Page>();
}

const link = (limit: number, offset: number) =>
  `${app.origin}${path}?page%5Blimit%5D=${limit}&page%5Boffset%5D=${offset}`;
const queryOf = (url: string) => url.slice(`${app.origin}${path}`.length);

/** A page without its resource objects but for their ids. */
const shown = ({ data, meta, links }: Page) => ({
  ids: data.map(({ id }) => id),
  pagination: meta.pagination,
  links,
});

describe('pages', () => {
  it('of one walk through all ten by links.next and back by links.prev, in the order of creation', async () => {
    const there = [await page('?page[limit]=1')];
    for (let next = there[0]?.links.next; next !== undefined;) {
      const following = await page(queryOf(next));
      there.push(following);
      next = following.links.next;
    }
    expect(there.map(({ data }) => data.map(({ id }) => id))).toEqual(ids.map((id) => [id]));
    expect(there.map(({ meta }) => meta.pagination)).toEqual(
      ids.map((_id, offset) => ({ total: 10, offset, limit: 1, lastPage: offset === 9 })),
    );

    const back = [there.at(-1) as Page];
    for (let prev = back[0]?.links.prev; prev !== undefined;) {
      const preceding = await page(queryOf(prev));
      back.push(preceding);
      prev = preceding.links.prev;
    }
    expect(back.map(shown)).toEqual(there.toReversed().map(shown));
  });

  it('have the default limit of 50', async () => {
    expect(shown(await page(''))).toEqual({
      ids,
      pagination: { total: 10, offset: 0, limit: 50, lastPage: true },
      links: { current: link(50, 0), self: link(50, 0), first: link(50, 0), last: link(50, 0) },
    });
  });

  it.each(['500', '501', '1000', '9007199254740991'])(
    'with a limit of %s have 500, the largest, and show it',
    async (limit) => {
      expect(shown(await page(`?page[limit]=${limit}`))).toMatchObject({
        pagination: { limit: 500 },
        links: { current: link(500, 0) },
      });
    },
  );

  it('in the middle have next and prev', async () => {
    expect(shown(await page('?page[limit]=4&page[offset]=4'))).toEqual({
      ids: ids.slice(4, 8),
      pagination: { total: 10, offset: 4, limit: 4, lastPage: false },
      links: {
        current: link(4, 4),
        next: link(4, 8),
        prev: link(4, 0),
        self: link(4, 4),
        first: link(4, 0),
        last: link(4, 8),
      },
    });
  });

  it('that end just at the total are the last', async () => {
    expect(shown(await page('?page[limit]=5&page[offset]=5'))).toEqual({
      ids: ids.slice(5),
      pagination: { total: 10, offset: 5, limit: 5, lastPage: true },
      links: { current: link(5, 5), prev: link(5, 0), self: link(5, 5), first: link(5, 0), last: link(5, 5) },
    });
  });

  it('from an offset that is no multiple of the limit lead back to the beginning', async () => {
    const { links, data } = await page('?page[limit]=4&page[offset]=2');
    expect(data.map(({ id }) => id)).toEqual(ids.slice(2, 6));
    expect(links).toEqual({
      current: link(4, 2),
      next: link(4, 6),
      prev: link(4, 0),
      self: link(4, 2),
      first: link(4, 0),
      last: link(4, 6),
    });
  });

  it.each([10, 11, 1_000, Number.MAX_SAFE_INTEGER])(
    'past the end (offset %i) are empty, the last, and have a prev that is not empty',
    async (offset) => {
      const past = await page(`?page[limit]=3&page[offset]=${offset}`);
      expect(past.data).toEqual([]);
      expect(past.meta.pagination).toEqual({ total: 10, offset, limit: 3, lastPage: true });
      expect(past.links).not.toHaveProperty('next');
      expect((await page(queryOf(past.links.prev ?? ''))).data).not.toEqual([]);
    },
  );

  it('of nothing at all are one empty page', async () => {
    const tenant = await aTenant(app.store);
    const token = await anAccessToken(app.origin, await anApiClient(app.store, tenant.id));
    const answer = await app.ask(path, { headers: { authorization: token } });
    expect(answer.json()).toEqual({
      data: [],
      meta: { pagination: { total: 0, offset: 0, limit: 50, lastPage: true } },
      links: { current: link(50, 0), self: link(50, 0), first: link(50, 0), last: link(50, 0) },
    });
  });

  it('are the same with raw and with percent-encoded brackets', async () => {
    const raw = await ask('?page[limit]=2&page[offset]=3');
    const percent = await ask('?page%5Blimit%5D=2&page%5Boffset%5D=3');
    const lower = await ask('?page%5blimit%5d=2&page%5boffset%5d=3');
    expect(raw.status).toBe(200);
    expect([percent.text, lower.text]).toEqual([raw.text, raw.text]);
  });

  it.each(['?', '?&', '?&&page[limit]=50'])('are the default ones for the query "%s"', async (query) => {
    expect((await ask(query)).text).toBe((await ask('')).text);
  });
});

const unknown = (name: string) => ({
  code: 'unknown_parameter',
  title: 'A query parameter is not supported here',
  detail: `The parameter ${name} is not supported here.`,
  source: { parameter: name },
});

const repeated = (name: string) => ({
  code: 'repeated_parameter',
  title: 'A query parameter was given more than once',
  detail: `The parameter ${name} is given more than once.`,
  source: { parameter: name },
});

describe('page parameters that are wrong', () => {
  const wrongLimit = {
    code: 'invalid_parameter',
    detail: 'The parameter page[limit] must be a whole number from 1 to 9007199254740991.',
    source: { parameter: 'page[limit]' },
  };
  const wrongOffset = {
    code: 'invalid_parameter',
    detail: 'The parameter page[offset] must be a whole number from 0 to 9007199254740991.',
    source: { parameter: 'page[offset]' },
  };

  it.each([
    '0',
    '-1',
    '1.5',
    '1e2',
    'ten',
    '',
    '%201',
    '1%20',
    '0x10',
    '١',
    '9007199254740993',
    '1'.repeat(400),
  ])('a limit of "%s" is 400 and named', async (limit) => {
    const answer = await ask(`?page[limit]=${encodeURI(decodeURIComponent(limit))}`);
    expect({ status: answer.status, body: answer.json() }).toMatchObject({
      status: 400,
      body: { errors: [{ status: '400', ...wrongLimit }] },
    });
  });

  it.each(['-1', '-0', '0.5', 'NaN', 'Infinity', '', '9007199254740992', '9223372036854775808'])(
    'an offset of "%s" is 400 and named',
    async (offset) => {
      const answer = await ask(`?page[offset]=${offset}`);
      expect({ status: answer.status, body: answer.json() }).toMatchObject({
        status: 400,
        body: { errors: [{ status: '400', ...wrongOffset }] },
      });
    },
  );

  it('and unknown and repeated ones are all told in one answer', async () => {
    const answer = await ask(
      '?page[limit]=0&sorted=label&page[offset]=1&page[offset]=2&page[size]=1&page[limit]=x',
    );
    const requestId = String(answer.headers['x-request-id']);
    expect({ status: answer.status, body: answer.json() }).toEqual({
      status: 400,
      body: {
        errors: [
          unknown('sorted'),
          repeated('page[offset]'),
          unknown('page[size]'),
          repeated('page[limit]'),
          { ...wrongLimit, title: 'A query parameter has an invalid value' },
        ].map((error, number) => ({ ...error, id: `${requestId}/${number + 1}`, status: '400' })),
      },
    });
  });

  it.each([
    'page',
    'page[cursors]',
    'sort[]',
    'PAGE[LIMIT]',
    'page[limit][]',
    'limit',
    'offset',
    'constructor',
    '__proto__',
    '',
  ])('"%s" is unknown', async (name) => {
    const answer = await ask(`?${encodeURIComponent(name)}=1`);
    expect({ status: answer.status, body: answer.json() }).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'unknown_parameter', source: { parameter: name } }] },
    });
  });
});
