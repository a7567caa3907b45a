// Remote commands from the API to a station that is not ours (`ocpp-rpc`, strict about every frame), and back.

import { createRPCError } from 'ocpp-rpc';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { remoteCommands } from '@chargeyard/contract/remote_commands/index';
import { newId } from '../../src/ids.ts';
import { aTestedStation } from '../conformance_ocpp16/tested_station.ts';
import type { TestedStation } from '../conformance_ocpp16/tested_station.ts';
import { expectFaultsAt, expectRefused, idsOf } from '../cpoapi/caller.ts';
import type { List, Single } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const app = testApp();
let station: TestedStation;
let calls: { action: string; params: unknown }[];

beforeEach(async () => {
  station = await aTestedStation(app);
  calls = [];
});

/** From now on the station answers an action so. */
type Payload = Record<string, unknown>;

function answers(action: string, answer: (params: unknown) => Payload | Promise<Payload>): void {
  station.client.handle(action, async ({ params }) => {
    calls.push({ action, params });
    return answer(params);
  });
}

const send = (
  command: string,
  body?: object,
  mode = 'synchronous',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => station.ask('POST', `/remote_commands/${mode}/${station.id}/${command}`, body, headers);

const document = (attributes: object) => ({ data: { type: 'remote_commands', attributes } });
const attributesOf = (answer: Answer) => answer.json<Single>().data.attributes;
const errorOf = (answer: Answer) =>
  answer.json<{ errors: [{ code: string; detail: string; meta?: unknown; links: { about: string } }] }>()
    .errors[0];
const read = async (url: string) => attributesOf(await station.ask('GET', url));
const ended = (url: string) =>
  vi.waitFor(
    async () => {
      const attributes = await read(url);
      expect(attributes['finishedAt']).not.toBeNull();
      return attributes;
    },
    { timeout: 10_000 },
  );

describe('a synchronous command', () => {
  it('answers what the station answered', async () => {
    answers('Reset', () => ({ status: 'Accepted' }));
    const answer = await send('reset', { type: 'Soft' });
    expect(answer.status, answer.text).toBe(200);
    expect(attributesOf(answer)).toMatchObject({
      command: 'reset',
      cpId: station.id,
      parameters: { type: 'Soft' },
      synchronous: true,
      state: 'finished',
      result: 'Accepted',
      response: { status: 'Accepted' },
      error: null,
    });
    expect(calls).toEqual([{ action: 'Reset', params: { type: 'Soft' } }]);
    const { location } = answer.headers;
    expect((await station.ask('GET', String(location))).text).toBe(answer.text);
  });

  it('answers 200 to a rejection, too: the station has answered', async () => {
    answers('Reset', () => ({ status: 'Rejected' }));
    const answer = await send('reset', { type: 'Hard' });
    expect(answer.status).toBe(200);
    expect(attributesOf(answer)).toMatchObject({ state: 'finished', result: 'Rejected' });
  });

  it('answers 502 with the station’s call error', async () => {
    answers('Reset', () => Promise.reject(createRPCError('NotSupported', 'not today', { why: 'rain' })));
    const answer = await send('reset', { type: 'Soft' });
    expect(answer.status, answer.text).toBe(502);
    const error = errorOf(answer);
    expect(error).toMatchObject({
      code: 'station_error',
      detail: 'The charging station answered NotSupported: not today',
      meta: { code: 'NotSupported', description: 'not today', details: { why: 'rain' } },
    });
    expect(await read(error.links.about)).toMatchObject({ state: 'failed', error: error.meta });
  });

  it('answers 504 when the station does not answer, and logs what comes later', async () => {
    const gate = Promise.withResolvers<Payload>();
    answers('Reset', () => gate.promise);
    const answer = await send('reset', { type: 'Soft', timeoutSeconds: 1 });
    expect(answer.status, answer.text).toBe(504);
    const error = errorOf(answer);
    expect(error.code).toBe('station_timeout');
    gate.resolve({ status: 'Accepted' });
    await vi.waitFor(async () => {
      const log = (await station.ask('GET', '/communication_log?filter[action]=Reset')).json<List>();
      expect(log.data.flatMap(({ attributes }) => attributes['deviations'])).toEqual([
        expect.stringMatching(/^the answer came \d+ ms after the deadline$/),
      ]);
    });
    expect(await read(error.links.about)).toMatchObject({ state: 'timed_out', result: null });
  });

  it('answers 503 when the station is not connected', async () => {
    await station.client.close();
    await vi.waitFor(async () => expect((await station.shownStation())['connectionStatus']).toBe('offline'));
    const answer = await send('reset', { type: 'Soft' });
    expect(answer.status, answer.text).toBe(503);
    expect(errorOf(answer).code).toBe('station_not_connected');
    expect(await read(errorOf(answer).links.about)).toMatchObject({ state: 'failed', sentAt: null });
  });

  it('answers 504 when the connection is lost before the answer', async () => {
    answers('Reset', async () => {
      await station.client.close({ force: true });
      return { status: 'Accepted' };
    });
    const answer = await send('reset', { type: 'Hard' });
    expect(answer.status, answer.text).toBe(504);
    expect(errorOf(answer).code).toBe('station_connection_lost');
  });

  it('is one of ten at most', async () => {
    const gate = Promise.withResolvers<Payload>();
    answers('ClearCache', () => gate.promise);
    const sent = Array.from({ length: 12 }, () => send('clear_cache'));
    // Those that are too many are answered while the others wait.
    const refusals: Answer[] = [];
    for (const each of sent) void each.then((answer) => refusals.push(answer));
    await vi.waitUntil(() => refusals.length === 2);
    for (const refusal of refusals.slice(0, 2)) {
      expectRefused(refusal, { code: 'too_many_commands' });
      expect(refusal.headers['retry-after']).toBe('1');
    }
    gate.resolve({ status: 'Accepted' });
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
  });

  it('is sent once for an Idempotency-Key', async () => {
    answers('ClearCache', () => ({ status: 'Accepted' }));
    const headers = { 'idempotency-key': newId() };
    const twice = await Promise.all([
      send('clear_cache', {}, 'synchronous', headers),
      send('clear_cache', {}, 'synchronous', headers),
    ]);
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    expect(twice[0].text).toBe(twice[1].text);
    expect(calls).toHaveLength(1);
    expectRefused(await send('reset', { type: 'Soft' }, 'synchronous', headers), {
      code: 'idempotency_key_reused',
      source: { header: 'Idempotency-Key' },
    });
  });
});

describe('an asynchronous command', () => {
  it('answers 202, and its end can be read', async () => {
    answers('Reset', () => ({ status: 'Accepted' }));
    const answer = await send('reset', { type: 'Soft' }, 'asynchronous');
    expect(answer.status, answer.text).toBe(202);
    expect(attributesOf(answer)).toMatchObject({ synchronous: false });
    expect(await ended(String(answer.headers.location))).toMatchObject({
      state: 'finished',
      result: 'Accepted',
    });
  });

  it('waits for a station that is away', async () => {
    answers('Reset', () => ({ status: 'Accepted' }));
    await station.client.close();
    const answer = await send('reset', { type: 'Soft' }, 'asynchronous');
    expect(attributesOf(answer)).toMatchObject({ state: 'pending' });
    await station.client.connect();
    expect(await ended(String(answer.headers.location))).toMatchObject({ state: 'finished' });
    expect(calls).toHaveLength(1);
  });
});

describe('every command', () => {
  it.each(Object.entries(remoteCommands))('%s is sent as its example says', async (command, declared) => {
    const action = declared.actions['1.6'] ?? '';
    // What the station answers where the schema asks for more than a status.
    const more: Readonly<Record<string, Payload>> = {
      get_configuration: { configurationKey: [], unknownKey: [] },
      get_local_list_version: { listVersion: 3 },
      get_diagnostics: { fileName: 'log.zip' },
    };
    const [result] = Object.keys(declared.results);
    const response = more[command] ?? (result === undefined ? {} : { status: result });
    answers(action, () => response);
    const answer = await send(command, declared.example);
    expect(answer.status, answer.text).toBe(200);
    expect(attributesOf(answer)).toMatchObject({ state: 'finished', result: result ?? null });
    expect(calls).toMatchObject([{ action }]);
  });
});

describe('parameters', () => {
  it('are checked before anything is sent', async () => {
    expectFaultsAt(await send('reset', { type: 'Gentle', timeoutSeconds: 121 }), [
      '/timeoutSeconds',
      '/type',
    ]);
    expectFaultsAt(await send('reset'), ['/type']);
    expectFaultsAt(await send('clear_cache', { connectorID: 1 }), ['/connectorID']);
    expect((await station.shown('/remote_commands')).length).toBe(0);
  });

  it('may come as a JSON:API document', async () => {
    answers('Reset', () => ({ status: 'Accepted' }));
    const type = { 'content-type': 'application/vnd.api+json' };
    const answer = await send('reset', document({ type: 'Soft' }), 'synchronous', type);
    expect(answer.status, answer.text).toBe(200);
    const faults = await send('reset', document({ type: 1 }), 'synchronous', type);
    expectFaultsAt(faults, ['/data/attributes/type']);
  });

  it('name a connector by its number or by its UUID', async () => {
    answers('UnlockConnector', () => ({ status: 'Unlocked' }));
    await station.report(2, 'Available');
    const [connectorId = ''] = idsOf(await station.ask('GET', `/cp/${station.id}/connectors`));
    for (const connector of [2, connectorId]) {
      const answer = await send('unlock_connector', { connectorId: connector });
      expect(attributesOf(answer)).toMatchObject({ result: 'Unlocked', parameters: { connectorId: 2 } });
    }
    const other = await aTestedStation(app);
    await other.report(2, 'Available');
    const [elsewhere = ''] = idsOf(await other.ask('GET', `/cp/${other.id}/connectors`));
    expectFaultsAt(await send('unlock_connector', { connectorId: elsewhere }), ['/connectorId']);
  });
});

/** Of each stored key, its value, and whether it counts from the next boot on. */
const stored = async () =>
  (await station.shown(`/cp/${station.id}/configurations`)).map(({ key, value, needsReboot }) => [
    key,
    value,
    needsReboot,
  ]);

describe('get_configuration and change_configuration', () => {
  it.each(['synchronous', 'asynchronous'])('is not sent by HEAD, %s', async (mode) => {
    const answer = await station.ask('HEAD', `/remote_commands/${mode}/${station.id}/get_configuration`);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, POST');
    expect(await station.shown('/remote_commands')).toEqual([]);
  });

  it('keep the stored configuration true', async () => {
    const keys = [
      { key: 'HeartbeatInterval', readonly: false, value: '300' },
      { key: 'NumberOfConnectors', readonly: true, value: '2' },
      { key: 'Empty', readonly: false },
    ];
    answers('GetConfiguration', (params) => {
      const wanted = (params as { key?: string[] }).key;
      return {
        configurationKey: keys.filter(({ key }) => wanted?.includes(key) ?? true),
        unknownKey: (wanted ?? []).filter((name) => !keys.some(({ key }) => key === name)),
      };
    });
    const answer = await send('get_configuration');
    expect(attributesOf(answer)['response']).toEqual({
      configurationKeys: [keys[0], keys[1], { ...keys[2], value: null }],
      unknownKeys: [],
    });
    expect(await stored()).toEqual([
      ['HeartbeatInterval', '300', false],
      ['NumberOfConnectors', '2', false],
      ['Empty', null, false],
    ]);

    keys.splice(1, 2);
    const some = await station.ask(
      'GET',
      `/remote_commands/synchronous/${station.id}/get_configuration?keys=HeartbeatInterval,Empty`,
    );
    expect(attributesOf(some)).toMatchObject({
      parameters: { keys: ['HeartbeatInterval', 'Empty'] },
      response: { unknownKeys: ['Empty'] },
    });
    expect((await stored()).map(([key]) => key)).toEqual(['HeartbeatInterval', 'NumberOfConnectors']);

    await send('get_configuration');
    expect((await stored()).map(([key]) => key)).toEqual(['HeartbeatInterval']);
  });

  it('say when a change counts from the next boot on', async () => {
    answers('ChangeConfiguration', () => ({ status: 'RebootRequired' }));
    await send('change_configuration', { key: 'HeartbeatInterval', value: '60' });
    expect(await stored()).toEqual([['HeartbeatInterval', '60', true]]);
    await station.boot();
    expect(await stored()).toEqual([['HeartbeatInterval', '60', false]]);
    answers('ChangeConfiguration', () => ({ status: 'Rejected' }));
    await send('change_configuration', { key: 'HeartbeatInterval', value: '61' });
    expect(await stored()).toEqual([['HeartbeatInterval', '60', false]]);
    answers('ChangeConfiguration', () => ({ status: 'NotSupported' }));
    await send('change_configuration', { key: 'HeartbeatInterval', value: '61' });
    expect(await stored()).toEqual([]);
  });
});

describe('the list', () => {
  it('has the newest first, and filters', async () => {
    answers('ClearCache', () => ({ status: 'Accepted' }));
    answers('Reset', () => ({ status: 'Rejected' }));
    await send('clear_cache');
    await send('reset', { type: 'Soft' });
    const commands = async (query: string) =>
      (await station.shown(`/remote_commands${query}`)).map(({ command }) => command);
    expect(await commands('')).toEqual(['reset', 'clear_cache']);
    expect(await commands('?filter[result]=Accepted')).toEqual(['clear_cache']);
    expect(await commands('?filter[state]=pending,sent')).toEqual([]);
    expect(await commands(`?filter[cpId]=${station.id}&filter[command]=reset`)).toEqual(['reset']);
  });
});
