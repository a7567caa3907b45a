// communication_log: what a station and the server said to each other, by API.

import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCommunication, aTenant } from '../builders.ts';
import { testStation } from '../ocpp/test_gateway.ts';
import { testApp } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller, List } from './caller.ts';

const app = testApp();
let tenant: { id: string; slug: string };
let call: Caller;
beforeAll(async () => {
  tenant = await aTenant(app.store);
  call = await aCaller(app, tenant.id);
});

const aStation = async () => (await aChargingStation(app.store, tenant.id)).id;
const list = async (at: string) => {
  const answer = await call('GET', at);
  expect({ at, status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  return answer.json<List>();
};
const ids = async (at: string) => (await list(at)).data.map(({ id }) => id);

describe('the communication log of a station', () => {
  it('has what was said over a connection, newest first', async () => {
    const { id, identity } = await aChargingStation(app.store, tenant.id);
    const station = await testStation(app, `/ocpp/${tenant.slug}/${identity}`);
    const [, , time] = await station.call('message-1', 'Heartbeat', {});
    station.send('[2,"message-2"]');
    await station.next();
    station.webSocket.close(1000);
    await app.database.until('select 1 from communication_log where charging_station_id = $1 and note = $2', [
      id,
      '1000',
    ]);
    const { data, meta, links } = await list(`/charging_stations/${id}/communication_log`);
    const instant = expect.stringMatching(/^\d{4}-.*Z$/);
    const attributes = {
      at: instant,
      cpId: id,
      connectionId: data[0]?.attributes['connectionId'],
      kind: 'call',
      direction: 'from_station',
      action: null,
      messageId: null,
      payload: null,
      answer: null,
      errorCode: null,
      errorDescription: null,
      latencyMs: null,
      deviations: [],
      note: null,
      hasProblem: false,
      isCut: false,
    };
    const entry = (more: object) => ({
      type: 'communication_log',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attributes: { ...attributes, ...more },
    });
    expect(data).toEqual([
      entry({ kind: 'connection_closed', direction: null, note: '1000' }),
      entry({
        kind: 'broken_frame',
        messageId: 'message-2',
        payload: '[2,"message-2"]',
        errorCode: 'ProtocolError',
        errorDescription: 'The call has no action.',
        hasProblem: true,
      }),
      entry({
        action: 'Heartbeat',
        messageId: 'message-1',
        payload: '{}',
        answer: JSON.stringify(time),
        latencyMs: expect.any(Number),
      }),
      entry({ kind: 'connection_opened', direction: null, note: '1.6' }),
    ]);
    expect(meta).toEqual({ pagination: { limit: 50, nextCursor: null, lastPage: true } });
    expect(links).not.toHaveProperty('next');
    const single = await call('GET', `/communication_log/${data[1]?.id}`);
    expect(single.json()).toMatchObject({ data: data[1] });
    expect((await list(`/cp/${id}/communication_log/`)).data).toEqual(data);
  });

  it('is walked by cursor from the newest entry to the oldest, whatever comes meanwhile', async () => {
    const id = await aStation();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift(await aCommunication(app.store, tenant.id, id));
    const seen: string[] = [];
    let at: string | undefined = `/communication_log?filter[cpId]=${id}&page[limit]=2`;
    while (at !== undefined) {
      const { data, links }: List = await list(at);
      seen.push(...data.map((entry) => entry.id));
      at = links.next;
      await aCommunication(app.store, tenant.id, id);
    }
    expect(seen).toEqual(made);
  });

  it('is filtered by what was said', async () => {
    const id = await aStation();
    const error = { code: 'NotSupported', description: 'Why.' };
    const plain = await aCommunication(app.store, tenant.id, id, { messageId: 'a' });
    const reset = await aCommunication(app.store, tenant.id, id, {
      direction: 'to_station',
      action: 'Reset',
      messageId: 'b',
    });
    const refused = await aCommunication(app.store, tenant.id, id, { messageId: 'c', answer: { error } });
    const deviating = await aCommunication(app.store, tenant.id, id, { messageId: 'd', deviations: ['x'] });
    const cases: [string, string[]][] = [
      ['', [deviating, refused, reset, plain]],
      ['filter[direction]=to_station', [reset]],
      ['filter[action]=Reset', [reset]],
      ['filter[action]=Reset,Heartbeat', [deviating, refused, reset, plain]],
      ['filter[messageId]=a,c', [refused, plain]],
      ['filter[hasProblem]=true', [deviating, refused]],
      ['filter[hasProblem]=false', [reset, plain]],
      ['filter[errorCode]=NotSupported', [refused]],
      ['filter[kind]=left_out', []],
      [`filter[connectionId]=${newId()}`, []],
    ];
    for (const [filter, wanted] of cases) {
      expect([filter, await ids(`/communication_log?filter[cpId]=${id}&${filter}`)]).toEqual([
        filter,
        wanted,
      ]);
      expect([filter, await ids(`/cp/${id}/communication_log?${filter}`)]).toEqual([filter, wanted]);
    }
  });

  it('is had of an interval: from an instant on, and before another', async () => {
    const id = await aStation();
    const at = (text: string) => aCommunication(app.store, tenant.id, id, { at: new Date(text) });
    const before = await at('2026-11-24T23:59:59.999Z');
    const first = await at('2026-11-25T00:00:00.000Z');
    const last = await at('2026-11-25T11:59:59.999Z');
    const after = await at('2026-11-25T12:00:00.000Z');
    const [from, until] = ['2026-11-25T00:00:00.000Z', '2026-11-25T12:00:00.000Z'];
    const path = `/cp/${id}/communication_log`;
    expect(await ids(`${path}?filter[from]=${from}&filter[until]=${until}`)).toEqual([last, first]);
    expect(await ids(`${path}?filter[from]=${until}`)).toEqual([after]);
    expect(await ids(`${path}?filter[until]=${from}`)).toEqual([before]);
    expect(await ids(`${path}?filter[from]=${until}&filter[until]=${from}`)).toEqual([]);
    expectRefused(
      await call('GET', `${path}?filter[from]=yesterday&filter[until]=x`),
      {
        code: 'invalid_parameter',
        source: { parameter: 'filter[from]' },
      },
      { code: 'invalid_parameter', source: { parameter: 'filter[until]' } },
    );
  });

  it('is exported as CSV, newest first', async () => {
    const id = await aStation();
    for (const messageId of ['first', 'second'])
      await aCommunication(app.store, tenant.id, id, { messageId });
    const answer = await call('GET', `/cp/${id}/communication_log?format=csv`);
    const rows = parse<Record<string, string>>(answer.text, { columns: true });
    expect(rows.map(({ messageId, payload, deviations }) => [messageId, payload, deviations])).toEqual([
      ['second', '{}', '[]'],
      ['first', '{}', '[]'],
    ]);
  });

  it('brings its station along, and outlives it', async () => {
    const id = await aStation();
    await aCommunication(app.store, tenant.id, id);
    const path = `/communication_log?filter[cpId]=${id}&include=chargingStation`;
    expect(await list(path)).toMatchObject({
      data: [{ relationships: { chargingStation: { data: { id } } } }],
      included: [{ type: 'charging_stations', id }],
    });
    expect((await call('DELETE', `/charging_stations/${id}`)).status).toBe(204);
    expect(await list(path)).toMatchObject({
      data: [{ attributes: { cpId: id }, relationships: { chargingStation: { data: null } } }],
      included: [],
    });
  });
});

describe('the communication log', () => {
  it('is neither counted, sorted nor written', async () => {
    for (const name of ['page[offset]', 'sort']) {
      expectRefused(await call('GET', `/communication_log?${name}=0`), {
        code: 'unknown_parameter',
        source: { parameter: name },
      });
    }
    for (const method of ['POST', 'DELETE'])
      expectRefused(await call(method, '/communication_log'), { code: 'method_not_allowed' });
  });

  it('goes with its days, each tenant’s', async () => {
    const id = await aStation();
    const day = 86_400_000;
    const old = new Date(Date.parse('2026-11-25T12:00:00Z') - 40 * day);
    await aCommunication(app.store, tenant.id, id, { at: old });
    const young = await aCommunication(app.store, tenant.id, id, { at: new Date(old.getTime() + 20 * day) });
    const running = new AbortController().signal;
    await app.store.housekeeping.keep(new Date(old.getTime() + 40 * day), running);
    expect(await ids(`/cp/${id}/communication_log`)).toEqual([young]);
  });
});
