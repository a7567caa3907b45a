// What JSON:API 1.1 says a server MUST and MUST NOT do, under the headings of the specification, and where the CPO API
// deviates on purpose.

import { beforeAll, expect } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aCompany, aTenant } from '../builders.ts';
import { conformsTo } from '../conformance.ts';
import type { ConformanceRow } from '../conformance.ts';
import { aCaller, base, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { describedApi, isSent } from '../cpoapi/described_api.ts';
import type { DescribedApi, Operation } from '../cpoapi/described_api.ts';
import { aPlace, nowhereLike, pathAt, typesInPath } from '../cpoapi/places.ts';
import type { Place } from '../cpoapi/places.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const app = testApp();
const mediaType = 'application/vnd.api+json';

let api: DescribedApi;
let call: Caller;
let place: Place;
let stationPath: string;

beforeAll(async () => {
  const { id: tenantId } = await aTenant(app.store);
  api = await describedApi(app);
  call = await aCaller(app, tenantId);
  place = await aPlace(app, { tenantId, call }, await aCompany(app.store, tenantId));
  stationPath = `/charging_stations/${place.ids['charging_stations']}`;
});

/** Asks as a client of JSON:API does. */
const ask = (method: string, at: string, data?: object, headers: Readonly<Record<string, string>> = {}) =>
  call(method, at, data && { data }, {
    accept: mediaType,
    ...(data === undefined ? {} : { 'content-type': mediaType }),
    ...headers,
  });

const readAs = (accept: string) => ask('GET', stationPath, undefined, { accept });

/** All but the technicians', which are another row. */
const reads = (): Operation[] =>
  api.resourceOperations.filter(
    (each) =>
      each.method === 'GET' &&
      each.tags[0] !== 'technicians' &&
      !isSent(each) &&
      !each.path.endsWith('/content'),
  );
const at = (operation: Operation, of = place) =>
  pathAt(
    operation,
    typesInPath(operation).map(() => of),
  );
const isList = (operation: Operation) => operation.parameters.some(({ name }) => name === 'page[limit]');

async function everyDocument(): Promise<{ operation: Operation; document: List | Single }[]> {
  const answers = reads().map(async (operation) => ({
    operation,
    document: (await ask('GET', at(operation))).json<List | Single>(),
  }));
  return Promise.all(answers);
}

const station = (attributes: object = {}) => ({
  type: 'charging_stations',
  attributes: {
    label: 'Station',
    chargeBoxIdentity: newId(),
    modelId: Number(place.ids['charging_station_models']),
    companyUuid: place.ids['companies'],
    timeZone: 'Europe/Berlin',
    ...attributes,
  },
});
const change = (attributes: object, id = place.ids['charging_stations']) => ({
  type: 'charging_stations',
  id,
  attributes,
});

const resourcesOf = ({ data }: List | Single) => (Array.isArray(data) ? data : [data]);

/** Every member's name in a value, however deep. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(namesIn)];
}

const unsupported = { code: 'unsupported_media_type', source: { header: 'Content-Type' } } as const;
const notAcceptable = { code: 'not_acceptable', source: { header: 'Accept' } } as const;
const typeOf = ({ headers }: Answer) => headers['content-type'];
const labelsOf = (answer: Answer) => answer.json<List>().data.map(({ attributes }) => attributes['label']);

const negotiation = 'Content Negotiation';
const structure = 'Document Structure';
const fetching = 'Fetching Data';
const writing = 'Creating, Updating and Deleting';

const rules: readonly ConformanceRow[] = [
  [
    negotiation,
    'JSON:API documents are sent as application/vnd.api+json, without parameters',
    async () => {
      const answers = [
        await ask('GET', stationPath),
        await ask('GET', '/charging_stations'),
        await ask('POST', '/charging_stations', station()),
        await ask('PATCH', stationPath, change({ label: 'Renamed' })),
        await ask('GET', '/charging_stations?unknown=1'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 200, 400]);
      expect(answers.map(typeOf)).toEqual(answers.map(() => mediaType));
    },
  ],
  [
    negotiation,
    'A Content-Type of JSON:API with a parameter other than ext and profile is 415',
    async () => {
      const headers = { 'content-type': `${mediaType}; charset=utf-8` };
      expectRefused(await ask('POST', '/charging_stations', station(), headers), unsupported);
      expectRefused(await ask('PATCH', stationPath, change({}), headers), unsupported);
      expectRefused(await ask('GET', stationPath, undefined, headers), unsupported);
    },
  ],
  [
    negotiation,
    'A Content-Type of JSON:API with an extension that is not supported is 415',
    async () => {
      const headers = { 'content-type': `${mediaType}; ext="https://jsonapi.org/ext/atomic"` };
      expectRefused(await ask('POST', '/charging_stations', station(), headers), unsupported);
    },
  ],
  [
    negotiation,
    'Instances in Accept with other parameters are ignored, and all of them having some is 406',
    async () => {
      const other = `${mediaType}; charset=utf-8`;
      expect(typeOf(await readAs(`${other}, ${mediaType}`))).toBe(mediaType);
      expectRefused(await readAs(other), notAcceptable);
      expectRefused(await readAs(`${other}, ${mediaType}; version=1`), notAcceptable);
    },
  ],
  [
    negotiation,
    'An extension that is not supported in every instance in Accept is 406',
    async () => {
      const accept = `${mediaType}; ext="https://jsonapi.org/ext/atomic"`;
      expectRefused(await readAs(accept), notAcceptable);
      const answer = await readAs(`${accept}, ${mediaType}`);
      expect([answer.status, typeOf(answer)]).toEqual([200, mediaType]);
    },
  ],
  [
    negotiation,
    'Profiles that are not known are ignored',
    async () => {
      const type = `${mediaType}; profile="https://profiles.example/a https://profiles.example/b"`;
      const read = await readAs(type);
      const written = await ask('POST', '/charging_stations', station(), { 'content-type': type });
      expect([read.status, typeOf(read), written.status]).toEqual([200, mediaType, 201]);
    },
  ],
  [
    negotiation,
    'Vary names Accept',
    async () => {
      const answers = [await ask('GET', stationPath), await ask('GET', '/charging_stations?unknown=1')];
      expect(answers.map(({ headers }) => headers.vary)).toEqual(['accept', 'accept']);
    },
  ],
  [
    negotiation,
    'Deviation: Answers are application/json where JSON:API is not accepted by name',
    async () => {
      for (const accept of ['*/*', 'application/json', 'text/html']) {
        expect(typeOf(await readAs(accept))).toBe('application/json; charset=utf-8');
      }
    },
  ],
  [
    negotiation,
    'Deviation: Plain JSON that is accepted, too, is sent instead of a 406',
    async () => {
      const accept = `${mediaType}; charset=utf-8, application/json`;
      const answer = await readAs(accept);
      expect([answer.status, typeOf(answer)]).toEqual([200, 'application/json; charset=utf-8']);
    },
  ],
  [
    structure,
    'A document is an object with data or errors, never with both',
    async () => {
      const documents = await everyDocument();
      expect(documents.length).toBeGreaterThan(10);
      for (const { document } of documents) {
        expect('data' in document && !('errors' in document)).toBe(true);
      }
      expect(Object.keys((await ask('GET', '/none')).json<object>())).toEqual(['errors']);
    },
  ],
  [
    structure,
    'Primary data of a single resource is an object, of a collection an array, an empty one, too',
    async () => {
      for (const { operation, document } of await everyDocument()) {
        expect(Array.isArray(document.data), operation.path).toBe(isList(operation));
      }
      expect((await ask('GET', `${stationPath}/connectors?filter[connectorNumber]=9`)).json()).toMatchObject({
        data: [],
      });
    },
  ],
  [
    structure,
    'Resource objects have a type and an id, both strings, and a pair of them is one resource',
    async () => {
      const found = new Map<string, string>();
      for (const { operation, document } of await everyDocument()) {
        for (const { type, id, attributes } of resourcesOf(document)) {
          expect([typeof type, typeof id, type], operation.path).toEqual([
            'string',
            'string',
            operation.tags[0],
          ]);
          const known = found.get(`${type} ${id}`) ?? JSON.stringify(attributes);
          expect(JSON.stringify(attributes)).toBe(known);
          found.set(`${type} ${id}`, known);
        }
      }
      expect(found.size).toBeGreaterThanOrEqual(Object.keys(place.ids).length);
    },
  ],
  [
    structure,
    'Names of members, and types, are of the allowed characters',
    async () => {
      const legal = /^[a-zA-Z0-9]([\w -]*[a-zA-Z0-9])?$/;
      for (const { document } of await everyDocument()) {
        const types = resourcesOf(document).map(({ type }) => type);
        expect([...namesIn(document), ...types].filter((name) => !legal.test(name))).toEqual([]);
      }
    },
  ],
  [
    structure,
    'No attribute is called id, or like a relationship of its resource',
    async () => {
      for (const { operation, document } of await everyDocument()) {
        for (const { attributes, ...resource } of resourcesOf(document)) {
          const { relationships = {} } = resource as { relationships?: object };
          const others = ['id', ...Object.keys(relationships)];
          expect(
            Object.keys(attributes).filter((name) => others.includes(name)),
            operation.path,
          ).toEqual([]);
        }
      }
    },
  ],
  [
    structure,
    'Deviation: Connectors have an attribute called type',
    async () => {
      const named = (await everyDocument()).filter(({ document }) =>
        resourcesOf(document).some(({ attributes }) => 'type' in attributes),
      );
      expect(new Set(named.map(({ operation }) => operation.tags[0]))).toEqual(new Set(['connectors']));
    },
  ],
  [
    structure,
    'Deviation: Technicians are flat rows with numbers for ids, paged by limit and offset',
    async () => {
      const { data } = (await ask('GET', '/technicians?limit=1&offset=0')).json<List>();
      expect(data).toEqual([
        {
          id: Number(place.ids['technicians']),
          uuid: expect.any(String),
          name: `${place.mark} Last`,
          email: expect.any(String),
        },
      ]);
    },
  ],
  [
    structure,
    'Links are an object of URIs',
    async () => {
      for (const { document } of await everyDocument()) {
        const links = Object.values<string>(document.links);
        expect(links.filter((link) => !URL.canParse(link))).toEqual([]);
      }
    },
  ],
  [
    structure,
    'Deviation: Lists have a link current beside self',
    async () => {
      for (const { operation, document } of await everyDocument()) {
        const { links } = document as List;
        expect(links['current'], operation.path).toBe(isList(operation) ? links['self'] : undefined);
      }
    },
  ],
  [
    structure,
    'Deviation: Foreign keys are attributes',
    async () => {
      expect((await ask('GET', stationPath)).json()).toMatchObject({
        data: { attributes: { companyUuid: place.ids['companies'] } },
      });
    },
  ],
  [
    structure,
    'Members of a request that are not known are ignored',
    async () => {
      const data = { ...station({ unknown: 1 }), unknown: 1, meta: { unknown: 1 } };
      const answer = await call(
        'POST',
        '/charging_stations',
        { data, unknown: 1 },
        { 'content-type': mediaType },
      );
      expect(answer.status).toBe(201);
      expect(answer.text).not.toContain('unknown');
    },
  ],
  [
    fetching,
    'What a link self names can be fetched, and is the same document',
    async () => {
      for (const { document } of await everyDocument()) {
        expect((await ask('GET', document.links['self'])).json()).toEqual(document);
      }
    },
  ],
  [
    fetching,
    'A single resource that is not there is 404',
    async () => {
      const never = nowhereLike(place);
      for (const operation of reads().filter((each) => !isList(each))) {
        expectRefused(await ask('GET', at(operation, never)), { code: 'not_found' });
      }
    },
  ],
  [
    fetching,
    'An include that is not supported is 400',
    async () => {
      for (const operation of reads()) {
        const answer = await ask('GET', `${at(operation)}?include=nothing.of.that.name`);
        expect([operation.path, answer.status]).toEqual([operation.path, 400]);
        expect(answer.json()).toMatchObject({ errors: [{ source: { parameter: 'include' } }] });
      }
    },
  ],
  [
    fetching,
    'Sparse fieldsets show no other attributes than those asked for; an empty one none',
    async () => {
      for (const operation of reads()) {
        const name = `fields[${operation.tags[0]}]`;
        const [one] = resourcesOf((await ask('GET', at(operation))).json<List | Single>());
        const names = Object.keys(one?.attributes ?? {});
        for (const wanted of [names.slice(0, 1), names.slice(-2), []]) {
          const answer = await ask('GET', `${at(operation)}?${name}=${wanted.join()}`);
          for (const { attributes } of resourcesOf(answer.json<List | Single>())) {
            expect(Object.keys(attributes).toSorted(), operation.path).toEqual(wanted.toSorted());
          }
        }
      }
    },
  ],
  [
    fetching,
    'Sorting is ascending, with a minus descending, by one field after the other',
    async () => {
      const vendor = newId();
      const labels = ['B', 'A', 'C'];
      for (const label of labels) {
        const attributes = station({
          label,
          serialnumber: label === 'C' ? 'first' : 'second',
          imsi: vendor.slice(0, 20),
        });
        expect((await ask('POST', '/charging_stations', attributes)).status).toBe(201);
      }
      const list = `/charging_stations?filter[imsi]=${vendor.slice(0, 20)}&sort=`;
      expect(labelsOf(await ask('GET', `${list}label`))).toEqual(['A', 'B', 'C']);
      expect(labelsOf(await ask('GET', `${list}-label`))).toEqual(['C', 'B', 'A']);
      expect(labelsOf(await ask('GET', `${list}-serialnumber,label`))).toEqual(['A', 'B', 'C']);
      expect(labelsOf(await ask('GET', `${list}serialnumber,-label`))).toEqual(['C', 'B', 'A']);
    },
  ],
  [
    fetching,
    'A sort that is not supported is 400',
    async () => {
      for (const operation of reads().filter(isList)) {
        const answer = await ask('GET', `${at(operation)}?sort=nothing`);
        expect([operation.path, answer.status]).toEqual([operation.path, 400]);
        expect(answer.json()).toMatchObject({ errors: [{ source: { parameter: 'sort' } }] });
      }
    },
  ],
  [
    fetching,
    'Links of pages are first, last, prev and next beside the data; those that are not there are left out',
    async () => {
      await ask('POST', '/charging_stations', station());
      const { meta } = (await ask('GET', '/charging_stations')).json<List>();
      const last = Number(meta.pagination['total']) - 1;
      const linksAt = async (offset: number) =>
        Object.keys(
          (await ask('GET', `/charging_stations?page[limit]=1&page[offset]=${offset}`)).json<List>().links,
        );
      expect(await linksAt(0)).toEqual(['current', 'next', 'self', 'first', 'last']);
      expect(await linksAt(1)).toEqual(expect.arrayContaining(['prev', 'first', 'last']));
      expect(await linksAt(last)).toEqual(['current', 'prev', 'self', 'first', 'last']);
      const byCursor = await ask('GET', '/charging_stations?page[limit]=1&page[cursor]=start');
      expect(Object.keys(byCursor.json<List>().links)).toEqual(['current', 'next', 'self', 'first']);
    },
  ],
  [
    writing,
    'A request succeeds as a whole or fails as a whole',
    async () => {
      const before = (await ask('GET', stationPath)).text;
      const faulty = change({ label: 'Changed', timeZone: 'Nowhere' });
      expectRefused(await ask('PATCH', stationPath, faulty), {
        code: 'invalid_value',
        source: { pointer: '/data/attributes/timeZone' },
      });
      const broken = change({ label: 'Changed', companyUuid: newId() });
      expectRefused(await ask('PATCH', stationPath, broken), {
        code: 'invalid_value',
        source: { pointer: '/data/attributes/companyUuid' },
      });
      expect((await ask('GET', stationPath)).text).toBe(before);
    },
  ],
  [
    writing,
    'A creation with an id of the client’s is 403',
    async () => {
      const answer = await ask('POST', '/charging_stations', { ...station(), id: newId() });
      expectRefused(answer, { code: 'client_generated_id', source: { pointer: '/data/id' } });
    },
  ],
  [
    writing,
    'A creation is 201 with the resource, and its Location is the link self',
    async () => {
      const data = station();
      const answer = await ask('POST', '/charging_stations', data);
      const created = answer.json<Single>();
      expect({ status: answer.status, data: created.data }).toMatchObject({ status: 201, data });
      expect(answer.headers.location).toBe(created.links.self);
      expect((await ask('GET', created.links.self)).json()).toEqual(created);
    },
  ],
  [
    writing,
    'A creation of another type than the collection’s is 409',
    async () => {
      for (const type of ['companies', undefined]) {
        const answer = await ask('POST', '/charging_stations', { ...station(), type });
        expectRefused(answer, { code: 'conflict', source: { pointer: '/data/type' } });
      }
    },
  ],
  [
    writing,
    'Deviation: A write that names what is not there is 422 and not 404',
    async () => {
      const answer = await ask('POST', '/charging_stations', station({ companyUuid: newId() }));
      expectRefused(answer, { code: 'invalid_value', source: { pointer: '/data/attributes/companyUuid' } });
    },
  ],
  [
    writing,
    'An update leaves attributes that it does not send as they are',
    async () => {
      const before = (await ask('GET', stationPath)).json<Single>().data;
      const after = (await ask('PATCH', stationPath, change({ imsi: '262010000000001' }))).json<Single>()
        .data;
      const { updatedAt } = after.attributes;
      expect(after.attributes).toEqual({ ...before.attributes, imsi: '262010000000001', updatedAt });
    },
  ],
  [
    writing,
    'An update is 200 with the resource, as its updatedAt changes with it',
    async () => {
      const answer = await ask('PATCH', stationPath, change({ label: 'Changed' }));
      expect({ status: answer.status, body: answer.json() }).toEqual({
        status: 200,
        body: (await ask('GET', stationPath)).json(),
      });
    },
  ],
  [
    writing,
    'An update of what is not there is 404',
    async () => {
      const id = newId();
      expectRefused(await ask('PATCH', `/charging_stations/${id}`, change({}, id)), { code: 'not_found' });
    },
  ],
  [
    writing,
    'An update of another type or id than the URL’s is 409',
    async () => {
      const type = await ask('PATCH', stationPath, { ...change({}), type: 'companies' });
      expectRefused(type, { code: 'conflict', source: { pointer: '/data/type' } });
      const id = await ask('PATCH', stationPath, change({}, newId()));
      expectRefused(id, { code: 'conflict', source: { pointer: '/data/id' } });
    },
  ],
  [
    writing,
    'Deviation: Relationships in a body are ignored and not 403',
    async () => {
      const before = (await ask('GET', stationPath)).json<Single>().data.attributes['companyUuid'];
      const relationships = { company: { data: { type: 'companies', id: newId() } } };
      const answer = await ask('PATCH', stationPath, { ...change({}), relationships });
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.json<Single>().data.attributes['companyUuid']).toBe(before);
    },
  ],
  [
    writing,
    'Deviation: Bodies may be flat JSON, and an update may be a PUT',
    async () => {
      const flat = await call('POST', '/charging_stations', station().attributes);
      const put = await ask('PUT', stationPath, change({ label: 'By PUT' }));
      expect([flat.status, put.status]).toEqual([201, 200]);
    },
  ],
  [
    writing,
    'A deletion is 204 without a document, and 404 when there is nothing',
    async () => {
      const { data } = (await ask('POST', '/charging_stations', station())).json<Single>();
      const deleted = await ask('DELETE', `/charging_stations/${data.id}`);
      expect([deleted.status, deleted.text, typeOf(deleted)]).toEqual([204, '', undefined]);
      expectRefused(await ask('DELETE', `/charging_stations/${data.id}`), { code: 'not_found' });
    },
  ],
  [
    'Query Parameters',
    'A parameter that is not known, or not well named, is 400',
    async () => {
      for (const operation of api.resourceOperations) {
        for (const name of ['unknown', 'camelCase', 'page', 'page[size]', 'filter[_]', 'fields[none]']) {
          const answer = await ask(operation.method, `${at(operation)}?${name}=1`);
          expectRefused(answer, { code: 'unknown_parameter', source: { parameter: name } });
        }
      }
    },
  ],
  [
    'Query Parameters',
    'Names and values are form-urlencoded; brackets may come raw',
    async () => {
      const label = `A+B & ${newId()}`;
      await ask('PATCH', stationPath, change({ label }));
      const encoded = new URLSearchParams({ 'filter[label]': label }).toString();
      const raw = encoded.replace('%5B', '[').replace('%5D', ']');
      expect(raw).toMatch(/^filter\[label\]=A%2BB\+/);
      const answers = [
        await ask('GET', `/charging_stations?${encoded}`),
        await ask('GET', `/charging_stations?${raw}`),
      ];
      expect(answers.map(labelsOf)).toEqual([[label], [label]]);
      expect(answers[0]?.text).toBe(answers[1]?.text);
    },
  ],
  [
    'Errors',
    'Errors are an array of objects, each with its id, status, code, title and detail',
    async () => {
      const answers = [
        await app.ask(`${base}${stationPath}`),
        await ask('GET', `/charging_stations/${newId()}`),
        await ask('POST', '/charging_stations', { type: 'charging_stations', attributes: {} }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 404, 422]);
      for (const answer of answers) {
        const { errors } = answer.json<{ errors: Record<string, unknown>[] }>();
        expect(errors.length).toBeGreaterThan(0);
        for (const { id, status, code, title, detail } of errors) {
          expect([id, code, title, detail].map((member) => typeof member)).toEqual(Array(4).fill('string'));
          expect(status).toBe(String(answer.status));
        }
      }
    },
  ],
  [
    'Errors',
    'A pointer points to the value in the request that is wrong',
    async () => {
      const address = { country: 'Germany' };
      expectRefused(await ask('PATCH', stationPath, change({ address })), {
        code: 'invalid_value',
        source: { pointer: '/data/attributes/address/country' },
      });
      expectRefused(await call('PATCH', stationPath, { label: '' }), {
        code: 'invalid_value',
        source: { pointer: '/label' },
      });
    },
  ],
  [
    'Errors',
    'Deviation: The pointer of a value that is missing says where it would be',
    async () => {
      const { label: _left, ...attributes } = station().attributes;
      expectRefused(await ask('POST', '/charging_stations', { type: 'charging_stations', attributes }), {
        code: 'invalid_value',
        detail: 'The value is missing.',
        source: { pointer: '/data/attributes/label' },
      });
    },
  ],
];

conformsTo('JSON:API 1.1', rules);
