// The event stream, with clients that come and go while stations talk, on one server and on two.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CompanyVisibility } from '../../src/domain/index.ts';
import { aChargingStation, aCompany, aReport, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aCaller, callerWith, expectRefused } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { anotherApp } from './another_app.ts';
import type { AnotherApp } from './another_app.ts';
import { eventSource } from './event_source.ts';
import type { EventSource, Heard } from './event_source.ts';

const clock = aClock();
const app = testApp({ clock });
let other: AnotherApp;
const sources: EventSource[] = [];

beforeAll(async () => {
  other = await anotherApp(app.database, { clock });
});
afterAll(async () => {
  for (const source of sources) await source.close();
  await other.close();
});

type Listener = { tenantId: string; authorization: string };

async function aListener(
  options: { company?: CompanyVisibility; tenantId?: string } = {},
): Promise<Listener> {
  const tenantId = options.tenantId ?? (await aTenant(app.store)).id;
  const { company } = options;
  const client = await anApiClient(app.store, tenantId, company === undefined ? {} : { company });
  return { tenantId, authorization: await anAccessToken(app.origin, client) };
}

async function listen(
  { authorization }: Listener,
  options: { query?: string; lastId?: string; port?: number } = {},
): Promise<EventSource> {
  const source = await eventSource(options.port ?? app.port, authorization, options);
  sources.push(source);
  expect(source.status).toBe(200);
  // It listens when it is told where it is.
  await vi.waitUntil(() => source.lastId() !== '', { interval: 1 });
  return source;
}

let reports = 0;
/** Has a station tell something new; answers what it told. */
async function say(tenantId: string, stationId: string, { store } = app as Pick<AnotherApp, 'store'>) {
  const info = `report ${(reports += 1)}`;
  await aReport(store, tenantId, stationId, 1, { info, at: clock.now(), receivedAt: clock.now() });
  return info;
}
const infoOf = ({ data }: Heard) => (JSON.parse(data) as { data: { info: string } }).data.info;

describe('an event stream', () => {
  it('tells what happens from now on, as JSON', async () => {
    const listener = await aListener();
    const { tenantId } = listener;
    const { id } = await aChargingStation(app.store, tenantId);
    await aReport(app.store, tenantId, id, 1, { at: clock.now() });
    const source = await listen(listener);
    expect(source.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const info = await say(tenantId, id);
    const [heard] = await source.until(1);
    const connector = (
      await app.store.connectors.page(
        { tenantId, company: undefined },
        {
          limit: 1,
          now: clock.now(),
          from: { offset: 0 },
          filters: [],
          updatedSince: undefined,
          search: undefined,
          sort: [],
        },
      )
    ).rows[0]?.[0];
    expect(heard).toEqual({
      id: expect.stringMatching(/^\d+-\d+-\d+$/) as string,
      type: 'connector.status',
      data: expect.any(String) as string,
    });
    expect(JSON.parse(heard?.data ?? '')).toEqual({
      id: heard?.id,
      type: 'connector.status',
      timestamp: clock.now().toISOString(),
      cpId: id,
      data: {
        connectorUuid: connector,
        connectorNumber: 1,
        status: 'Available',
        errorCode: 'NoError',
        vendorErrorCode: null,
        info,
        statusAt: clock.now().toISOString(),
      },
    });
  });

  it('takes a station’s and a type’s alone where it is asked to', async () => {
    const listener = await aListener();
    const { tenantId } = listener;
    const [one, another] = await Promise.all([1, 2].map(() => aChargingStation(app.store, tenantId)));
    const ofOne = await listen(listener, { query: `?filter[cpId]=${one?.id.toUpperCase()}` });
    const ofErrors = await listen(listener, { query: '?filter%5Btype%5D=error.opened,error.closed' });
    await say(tenantId, another?.id ?? '');
    const fault = { status: 'Faulted', errorCode: 'GroundFailure', at: clock.now() };
    await aReport(app.store, tenantId, another?.id ?? '', 1, fault);
    const info = await say(tenantId, one?.id ?? '');
    expect((await ofOne.until(1)).map(infoOf)).toEqual([info]);
    expect((await ofErrors.until(1)).map(({ type }) => type)).toEqual(['error.opened']);
  });

  it(
    'goes on without a gap for a client that comes and goes, while two servers write',
    { timeout: 60_000 },
    async () => {
      const listener = await aListener();
      const { tenantId } = listener;
      const stations = await Promise.all(
        Array.from({ length: 6 }, () => aChargingStation(app.store, tenantId)),
      );
      const first = await listen(listener);
      const said: string[][] = stations.map(() => []);
      const talking = stations.map(async ({ id }, at) => {
        for (let n = 0; n < 60; n += 1) said[at]?.push(await say(tenantId, id, at % 2 === 0 ? app : other));
      });
      const heard: Heard[] = [];
      let source = first;
      for (let turn = 1; ; turn += 1) {
        await source.until(Math.min(20, 360 - heard.length));
        await source.close();
        heard.push(...source.heard);
        if (heard.length >= 360) break;
        source = await listen(listener, {
          lastId: source.lastId(),
          port: turn % 2 === 0 ? app.port : other.port,
        });
      }
      await Promise.all(talking);
      expect(heard).toHaveLength(360);
      expect(new Set(heard.map(({ id }) => id)).size).toBe(360);
      for (const [at, { id }] of stations.entries()) {
        const ofStation = heard.filter(({ data }) => data.includes(id)).map(infoOf);
        expect(ofStation).toEqual(said[at]);
      }
    },
  );

  it('goes on where the query says, for clients that cannot send the header', async () => {
    const listener = await aListener();
    const { id } = await aChargingStation(app.store, listener.tenantId);
    const source = await listen(listener);
    const infos = [await say(listener.tenantId, id), await say(listener.tenantId, id)];
    const [first] = await source.until(2);
    const again = await listen(listener, { query: `?lastEventId=${first?.id}` });
    expect((await again.until(1)).map(infoOf)).toEqual(infos.slice(1));
  });

  it('says that there is a gap when events after the id may be gone, and tells what there is', async () => {
    const listener = await aListener();
    const { id } = await aChargingStation(app.store, listener.tenantId);
    const first = await listen(listener);
    const info = await say(listener.tenantId, id);
    await first.until(1);
    const old = `1-1-${clock.now().getTime() - 8 * 86_400_000}`;
    const future = `999999999999-1-${clock.now().getTime()}`;
    for (const lastId of [old, future]) {
      const source = await listen(listener, { lastId });
      const [gap, event] = await source.until(2);
      expect(gap).toMatchObject({ type: 'gap', data: JSON.stringify({ since: clock.now().toISOString() }) });
      expect(infoOf(event as Heard)).toBe(info);
    }
  });

  it('is not had with an id that is none, unknown parameters, or without the scope', async () => {
    const { tenantId, authorization } = await aListener();
    const call = callerWith(app, authorization);
    expectRefused(await call('GET', '/events', undefined, { 'last-event-id': 'x' }), {
      code: 'bad_request',
      source: { header: 'Last-Event-ID' },
    });
    expectRefused(await call('GET', '/events?lastEventId=x'), {
      code: 'bad_request',
      source: { parameter: 'lastEventId' },
    });
    expectRefused(
      await call('GET', '/events?filter[type]=nothing&filter[cpId]=1&page=2'),
      { code: 'unknown_parameter', source: { parameter: 'page' } },
      { code: 'invalid_parameter', source: { parameter: 'filter[type]' } },
      { code: 'invalid_parameter', source: { parameter: 'filter[cpId]' } },
    );
    expectRefused(await call('POST', '/events'), { code: 'method_not_allowed' });
    const without = await aCaller(app, tenantId, { scopes: ['cpoapi:errors:read'] });
    expectRefused(await without('GET', '/events'), { code: 'insufficient_scope' });
  });

  it('tells nobody of what is not his to see', async () => {
    const tenantId = (await aTenant(app.store)).id;
    const above = await aCompany(app.store, tenantId);
    const [own, sibling] = [
      await aCompany(app.store, tenantId, above),
      await aCompany(app.store, tenantId, above),
    ];
    const stations = {
      above: (await aChargingStation(app.store, tenantId, { companyId: above })).id,
      own: (await aChargingStation(app.store, tenantId, { companyId: own })).id,
      sibling: (await aChargingStation(app.store, tenantId, { companyId: sibling })).id,
    };
    const stranger = await listen(await aListener());
    const bound = (companyId: string, withSubordinates: boolean) =>
      aListener({ tenantId, company: { companyId, withSubordinates } }).then((listener) => listen(listener));
    const listeners = {
      tenant: await listen(await aListener({ tenantId })),
      aboveWithAll: await bound(above, true),
      aboveAlone: await bound(above, false),
      own: await bound(own, true),
    };
    const infos = {
      own: await say(tenantId, stations.own),
      sibling: await say(tenantId, stations.sibling),
      above: await say(tenantId, stations.above),
    };
    const all = [infos.own, infos.sibling, infos.above];
    expect((await listeners.tenant.until(3)).map(infoOf)).toEqual(all);
    expect((await listeners.aboveWithAll.until(3)).map(infoOf)).toEqual(all);
    expect((await listeners.aboveAlone.until(1)).map(infoOf)).toEqual([infos.above]);
    expect((await listeners.own.until(1)).map(infoOf)).toEqual([infos.own]);
    // What another company's station tells now is its new company's.
    await app.database.look('update charging_stations set company_id = $2 where id = $1', [
      stations.sibling,
      own,
    ]);
    const moved = await say(tenantId, stations.sibling);
    expect((await listeners.own.until(2)).map(infoOf)).toEqual([infos.own, moved]);
    await listeners.tenant.until(4);
    expect(listeners.aboveAlone.heard).toHaveLength(1);
    expect(stranger.heard).toEqual([]);
  });

  it('ends when the API client is deleted, and when the access token expires', async () => {
    const tenantId = (await aTenant(app.store)).id;
    const client = await anApiClient(app.store, tenantId);
    const source = await listen({ tenantId, authorization: await anAccessToken(app.origin, client) });
    await app.store.apiClients.delete({ tenantId, company: undefined }, client.clientId);
    // What is known of a client is asked for again after half a second.
    clock.moveBy(500);
    await source.ended;
    const another = await listen(await aListener());
    clock.moveBy(24 * 60 * 60 * 1000);
    await another.ended;
    expect([source, another].map(({ heard }) => heard)).toEqual([[], []]);
  });

  it('is had ten times by a caller, and again when one has ended', async () => {
    const listener = await aListener();
    const open = await Promise.all(Array.from({ length: 10 }, () => listen(listener)));
    const call = callerWith(app, listener.authorization);
    expectRefused(await call('GET', '/events'), {
      code: 'too_many_requests',
      detail: 'No more than 10 event streams of a caller at once.',
    });
    await open[0]?.close();
    await vi.waitFor(async () => {
      const source = await eventSource(app.port, listener.authorization);
      sources.push(source);
      expect(source.status).toBe(200);
    });
  });

  it('is had two hundred times by a tenant, and by others besides', { timeout: 30_000 }, async () => {
    const tenantId = (await aTenant(app.store)).id;
    const refusal = {
      code: 'too_many_requests',
      detail: 'No more than 200 event streams of a tenant at once.',
    } as const;
    const callers = await Promise.all(Array.from({ length: 20 }, () => aListener({ tenantId })));
    await Promise.all(callers.flatMap((caller) => Array.from({ length: 10 }, () => listen(caller))));
    expectRefused(
      await callerWith(app, (await aListener({ tenantId })).authorization)('GET', '/events'),
      refusal,
    );
    expect((await listen(await aListener())).status).toBe(200);
  });

  it(
    'waits for a slow reader, who misses nothing and does not keep others waiting',
    { timeout: 60_000 },
    async () => {
      const listener = await aListener();
      const { tenantId } = listener;
      const { id } = await aChargingStation(app.store, tenantId);
      const [slow, quick] = [await listen(listener), await listen(listener)];
      slow.response.pause();
      const count = 6_000;
      // Long texts, so that no buffer on the way holds them all.
      await app.database.look(
        `insert into events (tenant_id, tx, at, type, charging_station_id, data)
       select $1, (select ahead from event_order) + pg_current_xact_id()::text::bigint, $3::timestamptz, 'connector.status',
              $2, json_build_object('info', n || repeat(' ', 2000))
       from generate_series(1, $4) n`,
        [tenantId, id, clock.now(), count],
      );
      await quick.until(count);
      expect(slow.heard.length).toBeLessThan(count);
      slow.response.resume();
      const heard = await slow.until(count);
      expect(heard.map((each) => Number(infoOf(each)))).toEqual(
        Array.from({ length: count }, (_, n) => n + 1),
      );
    },
  );
});
