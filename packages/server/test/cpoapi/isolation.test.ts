// Who may do what to whose: every operation of the API's description for everyone who may not, and for those who may.
// What one may not see is, in every answer, as if it were not there; a resource that is new needs a fixture in places.ts
// and is covered by it.

import { scopes } from '@chargeyard/contract/scopes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeTenant } from '../../src/domain/index.ts';
import { aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aCaller, base, callerWith, expectRefused } from './caller.ts';
import type { Caller, List, ResourceObject, Single } from './caller.ts';
import { describedApi, isSent } from './described_api.ts';
import type { DescribedApi, Operation, Parameter } from './described_api.ts';
import { aPlace, bodyOf, fixtures, nowhereLike, pathAt, typesInPath } from './places.ts';
import type { Ids, Place } from './places.ts';

const clock = aClock();
const app = testApp({ clock });

type CompanyName = 'above' | 'own' | 'sibling' | 'below' | 'other';
type Tenant = {
  readonly tenantId: string;
  readonly slug: string;
  /** Of an API client that sees the whole tenant. */
  readonly call: Caller;
  readonly companies: Readonly<Record<CompanyName, string>>;
};

let api: DescribedApi;
/** The tenant whose company `own` has what is asked for, and another one. */
let tenant: Tenant;
let stranger: Tenant;

async function aTenantWithCompanies(): Promise<Tenant> {
  const { id: tenantId, slug } = await aTenant(app.store);
  const company = (parent?: string) => aCompany(app.store, tenantId, parent);
  const above = await company();
  const own = await company(above);
  const companies = {
    above,
    own,
    sibling: await company(above),
    below: await company(own),
    other: await company(),
  };
  return { tenantId, slug, companies, call: await aCaller(app, tenantId) };
}

beforeAll(async () => {
  api = await describedApi(app);
  tenant = await aTenantWithCompanies();
  stranger = await aTenantWithCompanies();
  // Numbers are each tenant's own: the same one would be another thing of the other tenant's, rightly shown. No two things
  // here have the same, or a body would seem to name both.
  await app.database.look(
    'insert into id_counters select $1, resource, 10000 * at from unnest($2::text[]) with ordinality as r (resource, at)',
    [tenant.tenantId, Object.keys(fixtures)],
  );
});

const named = ({ method, path }: Operation) => `${method} ${path.replace(base, '')}`;
const typeOf = ({ tags }: Operation) => tags[0] ?? '';
const isTenantWide = (type: string) => fixtures[type]?.isTenantWide === true;
const isOfNoCompany = (type: string) => fixtures[type]?.isOfNoCompany === true;
/** It ends what its path names, so that each needs one of its own. */
const endsIt = (operation: Operation) => operation.method === 'DELETE' || operation.path.endsWith('/accept');

/** What an operation sends to a place, and where; a change leaves out what only a creation may set. */
function bodyAt(operation: Operation, place: Place): Record<string, unknown> | undefined {
  const example = operation.requestBody?.content['application/json']?.examples?.['flat']?.value;
  if (isSent(operation)) return example as Record<string, unknown> | undefined;
  const body = bodyOf(typeOf(operation), place);
  if (example === undefined || body === undefined) return undefined;
  const isKnown = (name: string) => operation.method === 'POST' || name in (example as object);
  return Object.fromEntries(Object.entries(body).filter(([name]) => isKnown(name)));
}

/** Sends an operation to places: one for each parameter of its path, and one for what its body names. */
function send(
  call: Caller,
  operation: Operation,
  inPath: readonly Place[],
  inBody = inPath[0],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = inBody && bodyAt(operation, inBody);
  return call(operation.method, pathAt(operation, inPath), body, headers);
}

/** The same place for each parameter. */
const everywhere = (operation: Operation, place: Place) => typesInPath(operation).map(() => place);

/** All that an answer tells, but for the request's own id. */
const told = ({ status, headers, text }: Answer) => ({
  status,
  location: headers.location,
  etag: headers.etag,
  allow: headers.allow,
  challenge: headers['www-authenticate'],
  text: text.replaceAll(String(headers['x-request-id']), 'this request'),
});

/** What only the answer to a creation shows is left out. */
const withoutSecrets = (document: string) => document.replace(/"meta":\{[^{}]*\},/, '');

/** What the one who may see all reads of a place. */
async function read(call: Caller, place: Place): Promise<string[]> {
  const answers = [];
  for (const operation of api.resourceOperations) {
    if (operation.method !== 'GET' || !operation.path.endsWith('/{id}')) continue;
    answers.push((await call('GET', pathAt(operation, everywhere(operation, place)))).text);
  }
  return answers;
}

describe('the operations of the API', () => {
  it('have a fixture for each resource and for each that a path names', () => {
    const types = api.resourceOperations.flatMap((operation) => [
      typeOf(operation),
      ...typesInPath(operation),
    ]);
    expect(Object.keys(fixtures).toSorted()).toEqual([...new Set(types)].toSorted());
  });
});

describe.each([
  ['the whole tenant', undefined, false],
  ['the company alone', 'own', false],
  ['the company with its subordinates', 'own', true],
  ['the company above, with its subordinates', 'above', true],
] as const)('an API client that sees %s', (_what, name, withSubordinates) => {
  let call: Caller;
  beforeAll(async () => {
    const company = name && { companyId: tenant.companies[name], withSubordinates };
    call = await aCaller(app, tenant.tenantId, company === undefined ? {} : { company });
  });
  // Every place has one, and a tenant may have only so many.
  afterAll(() => app.database.look('delete from webhooks where tenant_id = $1', [tenant.tenantId]));

  const isBound = name !== undefined;
  // The place’s station belongs to the company, is of the model, and stands at the location.
  const standsFast = ['companies', 'charging_station_models', 'locations'].map(
    (type) => `DELETE /${type}/{id}`,
  );
  function wanted(operation: Operation): number {
    const { method, responses } = operation;
    const success = Number(Object.keys(responses).find((status) => status.startsWith('2')));
    const isNotConnected = operation.path.includes('/synchronous/');
    if (isBound && isTenantWide(typeOf(operation)) && method !== 'GET') return 403;
    if (isBound && typesInPath(operation).some(isOfNoCompany)) return 404;
    if (standsFast.includes(named(operation))) return 409;
    if (named(operation) === 'POST /companies' && isBound && !withSubordinates) return 422;
    return isNotConnected ? 503 : success;
  }

  it('may do everything to what is the company’s', async () => {
    const statuses: Record<string, number> = {};
    const created: [answered: string, found: string][] = [];
    const lasting = await aPlace(app, tenant, tenant.companies.own);
    for (const operation of api.resourceOperations) {
      const place = endsIt(operation) ? await aPlace(app, tenant, tenant.companies.own) : lasting;
      const answer = await send(call, operation, everywhere(operation, place), place);
      statuses[named(operation)] = answer.status;
      const { location } = answer.headers;
      if (location !== undefined && answer.status < 300)
        created.push([answer.text, (await call('GET', location)).text]);
    }
    expect(created.map(([, found]) => found)).toEqual(created.map(([answered]) => withoutSecrets(answered)));
    expect(statuses).toEqual(
      Object.fromEntries(api.resourceOperations.map((each) => [named(each), wanted(each)])),
    );
  });

  it('finds it in every list, and counts it', async () => {
    const place = await aPlace(app, tenant, tenant.companies.own);
    const lists = listOperations().filter((operation) => !isBound || !isOfNoCompany(typeOf(operation)));
    await atOnce(lists, async (operation) => {
      const at = pathAt(operation, everywhere(operation, place));
      const query = isCounted(operation) ? '?page[limit]=500&page[offset]=0' : '?page[limit]=500';
      const list = (await call('GET', at + query)).json<List>();
      expect(shown(list.data), named(operation)).toContain(place.mark);
      expect(list.meta.pagination['total'], named(operation)).toBe(countIn(operation, list));
    });
  });
});

const atOnce = <T>(all: readonly T[], each: (one: T) => Promise<void>) => Promise.all(all.map(each));

/** Technicians are listed in their own way, and tested with it. */
const isList = ({ method, parameters }: Operation) =>
  method === 'GET' && parameters.some(({ name }) => name === 'page[cursor]');

/** Some lists are too long to be counted: they have pages by cursor only. */
const isCounted = ({ parameters }: Operation) => parameters.some(({ name }) => name === 'page[offset]');

/** What the total must be of a list that is one page. */
const countIn = (operation: Operation, { data }: Pick<List, 'data'>) =>
  isCounted(operation) ? data.length : undefined;

const listOperations = () => api.resourceOperations.filter(isList);

/** The words that a parameter takes, where those are few. */
function wordsOf({ schema }: Parameter): string[] {
  const { enum: words, items } = schema as { enum?: string[]; items?: { enum?: string[] } };
  return words ?? items?.enum ?? [];
}

const shown = (data: unknown) => JSON.stringify(data);

describe.each([
  ['another tenant', 'stranger', undefined, false],
  ['another company, with its subordinates', 'tenant', 'other', true],
  ['a sibling, with its subordinates', 'tenant', 'sibling', true],
  ['a subordinate, with its own', 'tenant', 'below', true],
  ['the company above, alone', 'tenant', 'above', false],
] as const)('an API client that sees %s, and not the company', (_what, of, name, withSubordinates) => {
  let call: Caller;
  /** What the API client may see, and what it may not. */
  let mine: Place;
  let theirs: Place;
  /** Their ids, but those of what the whole tenant sees. */
  let unseen: Ids;

  beforeAll(async () => {
    const its = of === 'tenant' ? tenant : stranger;
    const company = name && { companyId: its.companies[name], withSubordinates };
    call = await aCaller(app, its.tenantId, company === undefined ? {} : { company });
    mine = await aPlace(app, its, its.companies[name ?? 'own']);
    theirs = await aPlace(app, tenant, tenant.companies.own);
    unseen = Object.fromEntries(
      Object.entries(theirs.ids).filter(([type]) => of === 'stranger' || !isTenantWide(type)),
    );
  });

  /** A place that is the API client's own but for some ids. */
  const mixed = (ids: Ids): Place => ({ mark: mine.mark, ids: { ...mine.ids, ...ids } });

  /**
   * Every way in which an operation can name what the API client may not see: in each of the path's parameters or several
   * of them, or one after the other in the body.
   */
  function waysToName(operation: Operation): { inPath: Ids[]; inBody: Ids; wanted: number }[] {
    const types = typesInPath(operation);
    const inPaths = types.reduce<Ids[][]>(
      (ways, type) => {
        const id = unseen[type];
        return ways.flatMap((way) => [[...way, {}], ...(id === undefined ? [] : [[...way, { [type]: id }]])]);
      },
      [[]],
    );
    const inBodies = Object.entries(unseen).filter(([type, id]) => {
      const body = bodyAt(operation, mixed({ [type]: id })) ?? {};
      return Object.values(body).some((value) => String(value) === id);
    });
    const mineOnly = types.map(() => ({}));
    return [
      ...inPaths
        .filter((way) => way.some((ids) => Object.keys(ids).length > 0))
        .map((inPath) => ({ inPath, inBody: {}, wanted: 404 })),
      ...inBodies.map(([type, id]) => ({ inPath: mineOnly, inBody: { [type]: id }, wanted: 422 })),
    ];
  }

  it('is told of the company’s things what is told of things that never were', async () => {
    const before = await read(tenant.call, theirs);
    const answers: Record<string, unknown> = {};
    const wantedAnswers: Record<string, unknown> = {};
    for (const operation of api.resourceOperations) {
      for (const { inPath, inBody, wanted } of waysToName(operation)) {
        const never = nowhereLike(theirs).ids;
        const instead = (ids: Ids): Ids =>
          Object.fromEntries(Object.keys(ids).map((type) => [type, String(never[type])]));
        const isAllTheirs = inPath.length > 0 && inPath.every((ids) => Object.keys(ids).length > 0);
        for (const headers of isAllTheirs ? [{}, { 'if-none-match': '*', 'if-match': '*' }] : [{}]) {
          const ask = (change: (ids: Ids) => Ids) =>
            send(
              call,
              operation,
              inPath.map((ids) => mixed(change(ids))),
              mixed(change(inBody)),
              headers,
            );
          const [answer, ofNothing] = [await ask((ids) => ids), await ask(instead)];
          const way = `${named(operation)} of ${JSON.stringify([inPath, inBody, headers])}`;
          answers[way] = { ...told(answer), isMarked: answer.text.includes(theirs.mark) };
          wantedAnswers[way] = { ...told(ofNothing), status: wanted, isMarked: false };
        }
      }
    }
    expect(Object.keys(answers).length).toBeGreaterThan(100);
    expect(answers).toEqual(wantedAnswers);
    expect(await read(tenant.call, theirs)).toEqual(before);
  });

  const isShared = (operation: Operation) => of === 'tenant' && isTenantWide(typeOf(operation));
  const ownLists = () =>
    listOperations().filter((operation) => typesInPath(operation).length === 0 && !isShared(operation));
  const at = (operation: Operation) => pathAt(operation, everywhere(operation, mine));

  it('reads the same, to the byte and the tag, whatever else the company gets', async () => {
    const queries = [
      '',
      '?page[limit]=1&page[offset]=0',
      '?page[limit]=1&page[cursor]=start',
      '?page[offset]=1',
    ];
    const all = async () => {
      const answers: Record<string, unknown> = {};
      const reads = api.resourceOperations.filter(
        (operation) => operation.method === 'GET' && !isSent(operation) && !isShared(operation),
      );
      await atOnce(reads, async (operation) => {
        const isAsked = (query: string) => isCounted(operation) || !query.includes('page[offset]');
        for (const query of isList(operation) ? queries.filter(isAsked) : ['']) {
          answers[named(operation) + query] = told(await call('GET', at(operation) + query));
        }
      });
      return answers;
    };
    const before = await all();
    await aPlace(app, tenant, tenant.companies.own);
    expect(await all()).toEqual(before);
  });

  /** What a filter by the company's thing, or any other choice that a parameter offers, can be asked for. */
  function valuesOf(parameter: Parameter, { attributes }: ResourceObject): string[] {
    const [, filtered] = /^filter\[(\w+)\]$/.exec(parameter.name) ?? [];
    if (filtered === undefined)
      return /^(sort$|format$|fields\[)/.test(parameter.name) ? [] : wordsOf(parameter);
    if (filtered === 'search') return [theirs.mark];
    if (filtered === 'updatedSince' || filtered === 'from') return ['2000-01-01T00:00:00Z'];
    const value = attributes[filtered] ?? undefined;
    return value === undefined ? [] : [typeof value === 'string' ? value : JSON.stringify(value)];
  }

  it('finds nothing of it by any parameter of a list, and counts nothing', async () => {
    await atOnce(ownLists(), async (operation) => {
      const type = typeOf(operation);
      const thing = (await tenant.call('GET', `/${type}/${theirs.ids[type]}`)).json<Single>().data;
      for (const parameter of operation.parameters.filter((each) => each.in === 'query')) {
        for (const value of valuesOf(parameter, thing)) {
          const counted: [string, string][] = isCounted(operation) ? [['page[offset]', '0']] : [];
          const query = new URLSearchParams([[parameter.name, value], ...counted]).toString();
          const answer = await call('GET', `${at(operation)}?${query}`);
          const place = `${named(operation)} ${parameter.name}=${value}`;
          expect(answer.status, place).toBe(200);
          // Its links repeat what was asked for.
          const { links, ...found } = answer.json<List>();
          expect(shown(found), place).not.toContain(theirs.mark);
          const foundIds = found.data.map(({ id }) => id);
          expect(foundIds, place).not.toContain(theirs.ids[type]);
          expect(found.meta.pagination['total'], place).toBe(countIn(operation, found));
          expect(links, place).not.toHaveProperty('next');
        }
      }
    });
  });

  it('finds nothing of it in any list as CSV', async () => {
    await atOnce(ownLists(), async (operation) => {
      const answer = await call('GET', `${at(operation)}?format=csv`);
      expect({ list: named(operation), status: answer.status }).toMatchObject({ status: 200 });
      const isSeen = of === 'stranger' || !isOfNoCompany(typeOf(operation));
      expect(answer.text.includes(mine.mark), named(operation)).toBe(isSeen);
      expect(answer.text, named(operation)).not.toContain(theirs.mark);
    });
  });

  it('gets no further by cursors that others were given', async () => {
    for (const operation of ownLists()) {
      const first = await tenant.call('GET', `${at(operation)}?page[limit]=1&page[cursor]=start`);
      const cursor = String(first.json<List>().meta.pagination['nextCursor']);
      const answer = await call('GET', `${at(operation)}?page[cursor]=${cursor}`);
      expect({ list: named(operation), status: answer.status }).toEqual({
        list: named(operation),
        status: of === 'stranger' ? 400 : 200,
      });
      expect(answer.text).not.toContain(theirs.mark);
    }
  });
});

describe('a charging station at a location of another company', () => {
  it('tells its own company the location’s id, and nothing else of it', async () => {
    const company = { companyId: tenant.companies.sibling, withSubordinates: true };
    const call = await aCaller(app, tenant.tenantId, { company });
    const mine = await aPlace(app, tenant, tenant.companies.sibling);
    const theirs = await aPlace(app, tenant, tenant.companies.own);
    const station = `charging_stations/${mine.ids['charging_stations']}`;
    await tenant.call('PUT', `/locations/${theirs.ids['locations']}/${station}`);
    expect((await call('GET', `/${station}`)).json()).toMatchObject({
      data: { attributes: { locationUuid: theirs.ids['locations'] } },
    });
    for (const operation of api.resourceOperations) {
      if (operation.method !== 'GET' || isTenantWide(typeOf(operation))) continue;
      const include = operation.parameters.find((parameter) => parameter.name === 'include');
      const queries = [
        '',
        ...(include === undefined ? [] : wordsOf(include)).map((word) => `?include=${word}`),
      ];
      for (const query of queries) {
        const answer = await call('GET', pathAt(operation, everywhere(operation, mine)) + query);
        expect(answer.text, named(operation) + query).not.toContain(theirs.mark);
      }
    }
  });
});

describe('the company that an API client is bound to', () => {
  it('is not deleted, and does not tell whether it has subordinates that the API client does not see', async () => {
    const parent = await aCompany(app.store, tenant.tenantId);
    await aCompany(app.store, tenant.tenantId, parent);
    const childless = await aCompany(app.store, tenant.tenantId);
    const answers = [parent, childless].map(async (companyId) => {
      const call = await aCaller(app, tenant.tenantId, { company: { companyId, withSubordinates: false } });
      return call('DELETE', `/companies/${companyId}`);
    });
    for (const answer of await Promise.all(answers)) {
      expectRefused(answer, {
        code: 'conflict',
        detail: 'An API client bound to a company cannot delete it.',
      });
    }
  });
});

describe.each(['theirs', 'nobody’s'])('whatever is asked for, %s', (whose) => {
  let place: Place;
  beforeAll(async () => {
    const theirs = await aPlace(app, tenant, tenant.companies.own);
    place = whose === 'theirs' ? theirs : nowhereLike(theirs);
  });

  /** Sends every operation, and checks that each gets the same refusal and no other word. */
  async function expectAll(
    callerOf: (operation: Operation) => Promise<Caller> | Caller,
    status: number,
    code: string,
  ): Promise<void> {
    const answers: Record<string, unknown> = {};
    for (const operation of api.resourceOperations) {
      const caller = await callerOf(operation);
      const answer = await send(caller, operation, everywhere(operation, place), place);
      const { errors } = answer.json<{ errors: { code: string }[] }>();
      answers[named(operation)] = { status: answer.status, codes: errors?.map((error) => error.code) };
    }
    expect(answers).toEqual(
      Object.fromEntries(api.resourceOperations.map((each) => [named(each), { status, codes: [code] }])),
    );
  }

  it('is 401 without a token', () => expectAll(() => callerWith(app, ''), 401, 'missing_token'));

  it('is 401 on another tenant’s host', async () => {
    const token = await anAccessToken(app.origin, await anApiClient(app.store, tenant.tenantId));
    const onOtherHost: Caller = (method, at, body) =>
      app.ask(base + at, {
        method,
        host: `${stranger.slug}.localhost`,
        headers: { authorization: token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    await expectAll(() => onOtherHost, 401, 'invalid_token');
  });

  it('is 401 with the token of an API client that was deleted', async () => {
    const client = await anApiClient(app.store, tenant.tenantId);
    const call = callerWith(app, await anAccessToken(app.origin, client));
    expect((await call('GET', '/companies')).status).toBe(200);
    await app.store.apiClients.delete(wholeTenant(tenant.tenantId), client.clientId);
    clock.moveBy(1_000);
    await expectAll(() => call, 401, 'invalid_token');
  });

  it('is 403 without the scope, with every other', async () => {
    const callers = new Map<string, Caller>();
    await expectAll(
      async ({ security }) => {
        const needed = security.flatMap((scheme) => scheme['oauth2'] ?? []).join();
        const enough = [
          'cpoapi:*',
          needed,
          ...['write', 'execute'].map((right) => needed.replace(/:read$/, `:${right}`)),
        ];
        const others = scopes.filter((scope) => !enough.includes(scope));
        const caller = callers.get(needed) ?? (await aCaller(app, tenant.tenantId, { scopes: others }));
        callers.set(needed, caller);
        return caller;
      },
      403,
      'insufficient_scope',
    );
  });

  it('is 403 while the tenant has no licence', async () => {
    const licence = (isLicensed: boolean) => {
      clock.moveBy(1_000);
      return app.database.look('update tenants set cpo_api_is_licensed = $2 where id = $1', [
        tenant.tenantId,
        isLicensed,
      ]);
    };
    const call = await aCaller(app, tenant.tenantId);
    await licence(false);
    try {
      await expectAll(() => call, 403, 'cpo_api_not_licensed');
    } finally {
      await licence(true);
      clock.moveBy(1_000);
    }
  });
});
