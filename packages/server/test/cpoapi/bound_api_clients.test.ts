// What an API client sees of the charging stations: its tenant's, and where it is bound to one, its company's, with or
// without the subordinate ones'. Every other resource, and what must not leak, is in isolation.test.ts.

import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import { aCaller } from './caller.ts';
import type { List } from './caller.ts';

const app = testApp();
const path = '/api/cpoapi/v1/charging_stations/';

type World = {
  readonly tenant: { id: string; slug: string };
  readonly companies: Readonly<Record<'root' | 'sub' | 'subsub' | 'sibling' | 'empty', string>>;
  /** Identities are the same in both tenants: they are unique per tenant only. */
  readonly stations: Readonly<Record<StationName, string>>;
};
type StationName = 'unassigned' | 'root_1' | 'sub_1' | 'sub_2' | 'subsub_1' | 'sibling_1';
type Tenants = Record<'a' | 'b', World>;

const tenants = {} as Tenants;

async function aWorld(): Promise<World> {
  const tenant = await aTenant(app.store);
  const root = await aCompany(app.store, tenant.id);
  const sub = await aCompany(app.store, tenant.id, root);
  const subsub = await aCompany(app.store, tenant.id, sub);
  const sibling = await aCompany(app.store, tenant.id, root);
  const empty = await aCompany(app.store, tenant.id);
  const station = async (identity: string, companyId?: string) =>
    (
      await aChargingStation(app.store, tenant.id, {
        identity,
        ...(companyId === undefined ? {} : { companyId }),
      })
    ).id;
  return {
    tenant,
    companies: { root, sub, subsub, sibling, empty },
    stations: {
      unassigned: await station('unassigned'),
      root_1: await station('root_1', root),
      sub_1: await station('sub_1', sub),
      subsub_1: await station('subsub_1', subsub),
      sub_2: await station('sub_2', sub),
      sibling_1: await station('sibling_1', sibling),
    },
  };
}

beforeAll(async () => {
  tenants.a = await aWorld();
  tenants.b = await aWorld();
});

const all: StationName[] = ['unassigned', 'root_1', 'sub_1', 'subsub_1', 'sub_2', 'sibling_1'];
const bindings: [string, keyof World['companies'] | undefined, boolean, StationName[]][] = [
  ['no company: the whole tenant', undefined, false, all],
  ['the root alone', 'root', false, ['root_1']],
  ['the root and its subordinates', 'root', true, ['root_1', 'sub_1', 'subsub_1', 'sub_2', 'sibling_1']],
  ['a subordinate alone', 'sub', false, ['sub_1', 'sub_2']],
  ['a subordinate and its own', 'sub', true, ['sub_1', 'subsub_1', 'sub_2']],
  ['a leaf alone', 'subsub', false, ['subsub_1']],
  ['a leaf and its (no) subordinates', 'subsub', true, ['subsub_1']],
  ['the sibling and its (no) subordinates', 'sibling', true, ['sibling_1']],
  ['a company without stations', 'empty', true, []],
];

const cases = (['a', 'b'] as const).flatMap((name) =>
  bindings.map(([what, company, withSubordinates, seen]) => ({
    name,
    what,
    company,
    withSubordinates,
    seen,
  })),
);

describe.each(cases)('tenant $name, bound to $what', ({ name, company, withSubordinates, seen }) => {
  let authorization: string;

  beforeAll(async () => {
    const { tenant, companies } = tenants[name];
    const client = await anApiClient(
      app.store,
      tenant.id,
      company === undefined ? {} : { company: { companyId: companies[company], withSubordinates } },
    );
    authorization = await anAccessToken(app.origin, client);
  });

  const get = (at: string) => app.ask(at, { headers: { authorization } });
  type Page = {
    data: { id: string }[];
    meta: { pagination: { total: number } };
    links: { next?: string };
  };

  it('sees just these in the list, and the total agrees on every page of a walk', async () => {
    const walked: string[] = [];
    const totals = new Set<number>();
    for (let at: string | undefined = `${path}?page[limit]=2`; at !== undefined;) {
      const page: Page = (await get(at)).json<Page>();
      walked.push(...page.data.map(({ id }) => id));
      totals.add(page.meta.pagination.total);
      at = page.links.next?.slice(app.origin.length);
    }
    expect(walked).toEqual(seen.map((station) => tenants[name].stations[station]));
    expect([...totals]).toEqual([seen.length]);
  });

  it('gets each of these singly, and 404 for every other of both tenants', async () => {
    const answered: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    for (const [of, world] of Object.entries(tenants)) {
      for (const [station, id] of Object.entries(world.stations)) {
        answered[`${of} ${station}`] = (await get(path + id)).status;
        wanted[`${of} ${station}`] = of === name && seen.includes(station as StationName) ? 200 : 404;
      }
    }
    expect(answered).toEqual(wanted);
  });

  it('is refused on the other tenant’s host', async () => {
    const other = tenants[name === 'a' ? 'b' : 'a'].tenant.slug;
    const answers = await Promise.all(
      [path, path + tenants.a.stations.unassigned, path + tenants.b.stations.unassigned].map((at) =>
        app.ask(at, { host: `${other}.localhost`, headers: { authorization } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    for (const { text } of answers) expect(text).not.toContain('attributes');
  });
});

describe('requests of both tenants at the same time', () => {
  it('never mix, though they share database connections', async () => {
    const names = ['a', 'b'] as const;
    const tokens = await Promise.all(
      names.map(async (name) =>
        anAccessToken(app.origin, await anApiClient(app.store, tenants[name].tenant.id)),
      ),
    );
    const asked = Array.from({ length: 60 }, (_, number) => number % 2);
    const answers = await Promise.all(
      asked.map(async (which) => {
        const answer = await app.ask(path, { headers: { authorization: tokens[which] ?? '' } });
        return answer.json<{ data: { id: string }[] }>().data.map(({ id }) => id);
      }),
    );
    expect(answers).toEqual(
      asked.map((which) => all.map((station) => tenants[names[which] ?? 'a'].stations[station])),
    );
  });
});

describe('the company that an API client is bound to', () => {
  it('has no parent for it, in lists, as CSV and by itself; those below it have theirs', async () => {
    const { tenant, companies } = tenants.a;
    const company = { companyId: companies.sub, withSubordinates: true };
    const call = await aCaller(app, tenant.id, { company });
    const list = (await call('GET', '/companies')).json<List>();
    expect(list.data.map(({ id, attributes }) => [id, attributes['parentUuid']])).toEqual([
      [companies.sub, null],
      [companies.subsub, companies.sub],
    ]);
    for (const at of ['/companies?format=csv', '/companies?include=parent', `/companies/${companies.sub}`]) {
      const { status, text } = await call('GET', at);
      expect({ at, status, tells: text.includes(companies.root) }).toEqual({ at, status: 200, tells: false });
    }
    const changed = await call('PATCH', `/companies/${companies.sub}`, { name: 'Changed', parentUuid: null });
    expect(changed.json()).toMatchObject({ data: { attributes: { name: 'Changed', parentUuid: null } } });
    const unbound = await aCaller(app, tenant.id);
    expect((await unbound('GET', `/companies/${companies.sub}`)).json()).toMatchObject({
      data: { attributes: { name: 'Changed', parentUuid: companies.root } },
    });
  });
});
