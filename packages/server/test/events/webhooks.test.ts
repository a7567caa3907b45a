// Webhooks from the fact to the receiver, which takes what it is sent, or does not; with the clock moved and other servers.

import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CompanyVisibility } from '../../src/domain/index.ts';
import { aChargingStation, aCompany, aReport, aTenant } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { Caller, Single } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { anotherApp } from './another_app.ts';
import { aReceiver } from './receiver.ts';
import type { Received, Receiver } from './receiver.ts';

const start = new Date();
const clock = aClock(start);
const sending = { timeoutMs: 400 };
const app = testApp({ clock, webhooksToPrivateNetworks: true, sending });
const [minute, hour] = [60_000, 3_600_000];

let receiver: Receiver;
let tenantId: string;
let stations: string[];
let call: Caller;
const made: string[] = [];

beforeEach(async () => {
  receiver = await aReceiver();
  tenantId = (await aTenant(app.store)).id;
  stations = await Promise.all([1, 2, 3].map(async () => (await aChargingStation(app.store, tenantId)).id));
  call = await aCaller(app, tenantId);
});
afterEach(async () => {
  call = await aCaller(app, tenantId);
  for (const path of made.splice(0)) await call('DELETE', path);
  await receiver.close();
});

type Attributes = Record<string, unknown>;
type MadeWebhook = { path: string; secret: string; read: () => Promise<Attributes> };

async function aWebhook(body: object = {}, by = call): Promise<MadeWebhook> {
  const answer = await by('POST', '/webhooks', { url: `${receiver.url}/hook`, ...body });
  expect(answer.status, answer.text).toBe(201);
  const { data, meta } = answer.json<Single & { meta: { secret: string } }>();
  const path = `/webhooks/${data.id}`;
  made.push(path);
  return {
    path,
    secret: meta.secret,
    async read() {
      // A token lasts a day, which may have passed.
      call = await aCaller(app, tenantId);
      return (await call('GET', path)).json<Single>().data.attributes;
    },
  };
}

/** As whoever gets it at the time of the test's clock. */
function verify(by: string, received: Received | undefined): unknown {
  const present = vi.spyOn(Date, 'now').mockReturnValue(clock.now().getTime());
  try {
    return new Webhook(by).verify(received?.body ?? '', received?.headers as Record<string, string>);
  } finally {
    present.mockRestore();
  }
}

let reports = 0;
async function say(stationId: string, store = app.store): Promise<number> {
  const number = (reports += 1);
  const [at, info] = [clock.now(), String(number)];
  await aReport(store, tenantId, stationId, 1, { info, at, receivedAt: at });
  return number;
}
const numberOf = ({ event }: Received) => Number((event.data as { info: string }).info);
const ofStation = (received: readonly Received[], id: string) =>
  received.filter(({ event }) => event.cpId === id).map(numberOf);

/**
 * Moves the clock on, step by step, until a condition holds. A step waits until something was attempted since the one before,
 * or for what a server needs to notice that there is nothing to attempt.
 */
async function timePassing(
  until: () => boolean | Promise<boolean>,
  { stepMs, meanwhile }: { stepMs: number; meanwhile?: () => Promise<unknown> },
): Promise<void> {
  let [attempts, movedAt] = [-1, 0];
  await vi.waitUntil(
    async () => {
      if (await until()) return true;
      const attempted = receiver.taken.length + receiver.refused.length;
      if (attempted === attempts && performance.now() - movedAt < 1_500) return false;
      [attempts, movedAt] = [attempted, performance.now()];
      clock.moveBy(stepMs);
      await meanwhile?.();
      return false;
    },
    { timeout: 100_000, interval: 50 },
  );
}

describe('a webhook', () => {
  it('is sent what happens, signed as an independent implementation checks it', async () => {
    const { secret, read } = await aWebhook();
    const number = await say(stations[0] ?? '');
    const [received] = await receiver.until(1);
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Chargeyard',
    });
    expect(received?.headers['webhook-id']).toBe(received?.event.id);
    const headers = received?.headers as Record<string, string>;
    expect(new Webhook(secret).verify(received?.body ?? '', headers)).toEqual({
      id: received?.event.id,
      type: 'connector.status',
      timestamp: clock.now().toISOString(),
      cpId: stations[0],
      data: expect.objectContaining({ info: String(number), connectorNumber: 1 }) as unknown,
    });
    expect(() => new Webhook(secret).verify(`${received?.body} `, headers)).toThrow('No matching signature');
    await vi.waitFor(async () =>
      expect(await read()).toMatchObject({
        pending: 0,
        lastDeliveredAt: clock.now().toISOString(),
        lastError: null,
      }),
    );
  });

  it('shows its secret once; the one before signs on for a day', async () => {
    const { path, secret } = await aWebhook();
    expect((await call('GET', path)).text).not.toContain(secret);
    const rotated = (await call('POST', `${path}/rotate_secret`)).json<{ meta: { secret: string } }>();
    await say(stations[0] ?? '');
    const [first] = await receiver.until(1);
    for (const each of [secret, rotated.meta.secret])
      expect(verify(each, first)).toMatchObject({ id: first?.event.id });
    clock.moveBy(25 * hour);
    await say(stations[0] ?? '');
    const [, second] = await receiver.until(2);
    expect(verify(rotated.meta.secret, second)).toMatchObject({ id: second?.event.id });
    expect(() => verify(secret, second)).toThrow('No matching signature');
  });

  it('is sent the types that it wants, and those of its company alone', async () => {
    const companyId = await aCompany(app.store, tenantId);
    const { id: own } = await aChargingStation(app.store, tenantId, { companyId });
    const company: CompanyVisibility = { companyId, withSubordinates: true };
    const { path } = await aWebhook({}, await aCaller(app, tenantId, { company }));
    await aWebhook({ url: `${receiver.url}/errors`, eventTypes: ['error.opened'] });
    expect((await call('GET', path)).json()).toMatchObject({
      data: { attributes: { companyUuid: companyId, visibility: 'subtree' } },
    });
    await say(stations[0] ?? '');
    const ofCompany = await say(own);
    const fault = { status: 'Faulted', errorCode: 'GroundFailure', at: clock.now(), receivedAt: clock.now() };
    await aReport(app.store, tenantId, stations[1] ?? '', 1, fault);
    const received = await receiver.until(2);
    const at = (hook: string) => received.filter((each) => each.path === hook);
    expect(at('/hook').map(numberOf)).toEqual([ofCompany]);
    expect(at('/errors').map(({ event }) => event.type)).toEqual(['error.opened']);
  });

  it('is another tenant’s alone', async () => {
    const { path } = await aWebhook();
    const stranger = await aCaller(app, (await aTenant(app.store)).id);
    expect((await stranger('GET', path)).status).toBe(404);
    expect((await stranger('POST', `${path}/redeliver`)).status).toBe(404);
    expect((await stranger('POST', `${path}/test`)).status).toBe(404);
    expect((await stranger('POST', `${path}/rotate_secret`)).status).toBe(404);
  });

  it('that is sent more than one sees himself is not seen', async () => {
    const companyId = await aCompany(app.store, tenantId);
    const bound = (withSubordinates: boolean) =>
      aCaller(app, tenantId, { company: { companyId, withSubordinates } });
    const { path } = await aWebhook({}, await bound(true));
    expect((await (await bound(false))('GET', path)).status).toBe(404);
    expect((await (await bound(true))('GET', path)).status).toBe(200);
  });

  it('is tested without waiting for anything to happen', async () => {
    const { path, read } = await aWebhook();
    expect((await call('POST', `${path}/test`)).json()).toMatchObject({
      data: { attributes: { lastDeliveredAt: clock.now().toISOString(), lastError: null } },
    });
    expect(receiver.taken.map(({ event }) => event.type)).toEqual(['webhook.test']);
    receiver.answer = () => 500;
    await call('POST', `${path}/test`);
    expect(await read()).toMatchObject({ lastError: 'The receiver answered 500.' });
  });

  it('is sent again what happened from an event or an instant on', async () => {
    const { path, read } = await aWebhook();
    // What was sent and not noted yet would be sent twice.
    const isNoted = () => vi.waitFor(async () => expect(await read()).toMatchObject({ pending: 0 }));
    const before = clock.now();
    const [one = ''] = stations;
    await say(one);
    const numbers = [await say(one), await say(one)];
    const [, second] = await receiver.until(3);
    await isNoted();
    const from = (place: string) =>
      call('POST', `${path}/redeliver?${new URLSearchParams({ from: place }).toString()}`);
    expect((await from(second?.event.id ?? '')).status).toBe(200);
    expect((await receiver.until(5)).slice(3).map(numberOf)).toEqual(numbers);
    await isNoted();
    expect((await from(before.toISOString())).status).toBe(200);
    expect((await receiver.until(8)).slice(6).map(numberOf)).toEqual(numbers);
    expect((await from('yesterday')).status).toBe(400);
  });

  it('that is paused is sent nothing, and all that waits when it goes on', async () => {
    const { path, read } = await aWebhook();
    expect((await call('PATCH', path, { state: 'paused' })).json()).toMatchObject({
      data: { attributes: { state: 'paused', pauseReason: 'requested' } },
    });
    const numbers = [await say(stations[0] ?? ''), await say(stations[0] ?? '')];
    expect(await read()).toMatchObject({ pending: 2 });
    expect(receiver.taken).toEqual([]);
    await call('PATCH', path, { state: 'active' });
    expect((await receiver.until(2)).map(numberOf)).toEqual(numbers);
  });

  it('that is changed while much waits is sent the rest as it is then', async () => {
    const { path } = await aWebhook({ state: 'paused' });
    const numbers: number[] = [];
    for (let count = 0; count < 150; count += 1) numbers.push(await say(stations[0] ?? ''));
    receiver.answer = async ({ path: sentTo }) => {
      if (sentTo === '/hook') await call('PATCH', path, { url: `${receiver.url}/moved` });
      return 204;
    };
    await call('PATCH', path, { state: 'active' });
    const received = await receiver.until(150);
    expect(received.map(numberOf)).toEqual(numbers);
    expect(received.at(0)?.path).toBe('/hook');
    expect(received.at(-1)?.path).toBe('/moved');
  });
});

describe('a receiver', () => {
  it(
    'that is down for an hour gets all of it after, in order per station',
    { timeout: 120_000 },
    async () => {
      receiver.answer = () => 503;
      const { read } = await aWebhook();
      const said: Record<string, number[]> = {};
      const sayAll = async () => {
        for (const id of stations) (said[id] ??= []).push(await say(id));
      };
      for (let n = 0; n < 10; n += 1) await sayAll();
      await receiver.untilRefused(3);
      const downSince = clock.now().getTime();
      await timePassing(() => clock.now().getTime() - downSince >= hour, {
        stepMs: 10 * minute,
        meanwhile: sayAll,
      });
      expect((await read())['pending']).toBe(Object.values(said).flat().length);
      expect(receiver.refused.length).toBeLessThan(60);
      receiver.answer = () => 204;
      await timePassing(() => receiver.taken.length > 0, { stepMs: 10 * minute });
      const received = await receiver.until(Object.values(said).flat().length);
      for (const id of stations) expect(ofStation(received, id)).toEqual(said[id]);
      await vi.waitFor(async () => expect((await read())['pending']).toBe(0));
    },
  );

  it('that refuses one station’s event gets those of others, and the station’s in order after', async () => {
    const [one = '', another = ''] = stations;
    await aWebhook();
    let isRefusing = true;
    receiver.answer = ({ event }) => (isRefusing && event.cpId === one ? 500 : 204);
    const ofOne = [await say(one)];
    await receiver.untilRefused(1);
    ofOne.push(await say(one), await say(one));
    const ofAnother = [await say(another), await say(another)];
    expect((await receiver.until(2)).map(numberOf)).toEqual(ofAnother);
    isRefusing = false;
    await timePassing(() => receiver.taken.length >= 5, { stepMs: minute });
    expect(ofStation(receiver.taken, one)).toEqual(ofOne);
  });

  it(
    'that refuses an event for a day while it takes others is not sent it any more',
    { timeout: 120_000 },
    async () => {
      const [one = '', another = ''] = stations;
      const { read } = await aWebhook();
      let poison: number | undefined;
      receiver.answer = (received) => (numberOf(received) === poison ? 400 : 204);
      poison = reports + 1;
      await say(one);
      const behind = await say(one);
      await timePassing(() => ofStation(receiver.taken, one).length > 0, {
        stepMs: 2 * hour,
        meanwhile: () => say(another),
      });
      expect(ofStation(receiver.taken, one)).toEqual([behind]);
      expect(await read()).toMatchObject({
        state: 'active',
        leftOut: 1,
        lastError: 'The receiver answered 400.',
      });
    },
  );

  it(
    'that takes nothing for a day is sent no more until the webhook is active again',
    { timeout: 120_000 },
    async () => {
      receiver.answer = () => undefined;
      const { path, read } = await aWebhook();
      const number = await say(stations[0] ?? '');
      await receiver.untilRefused(1);
      await timePassing(async () => (await read())['state'] === 'paused', { stepMs: 2 * hour });
      expect(await read()).toMatchObject({
        pauseReason: 'failing',
        pending: 1,
        lastError: 'There was no answer within 0.4 seconds.',
      });
      receiver.answer = () => 204;
      await call('PATCH', path, { state: 'active' });
      expect((await receiver.until(1)).map(numberOf)).toEqual([number]);
    },
  );

  it('that is gone is sent no more at once', async () => {
    receiver.answer = () => 410;
    const { read } = await aWebhook();
    await say(stations[0] ?? '');
    await receiver.untilRefused(1);
    await vi.waitFor(async () =>
      expect(await read()).toMatchObject({ state: 'paused', pauseReason: 'gone' }),
    );
    expect(receiver.refused).toHaveLength(1);
  });
});

describe('with several servers', () => {
  it(
    'one delivers, and another goes on when that one stops or loses its lease',
    { timeout: 120_000 },
    async () => {
      const [one = ''] = stations;
      const others = await Promise.all([1, 2].map(() => anotherApp(app.database, { clock, sending })));
      try {
        await aWebhook();
        const said: number[] = [];
        for (let n = 0; n < 20; n += 1) said.push(await say(one));
        // As if the one that delivers had hung.
        await app.database.look(
          `update webhooks set leased_by = gen_random_uuid(), leased_until = clock_timestamp()`,
        );
        for (let n = 0; n < 20; n += 1) said.push(await say(one));
        await others.pop()?.close();
        for (let n = 0; n < 20; n += 1) said.push(await say(one));
        await vi.waitUntil(() => new Set(receiver.taken.map(numberOf)).size === 60, { timeout: 20_000 });
        // What was sent twice was sent twice in order.
        const firsts = [...new Set(receiver.taken.map(numberOf))];
        expect(firsts).toEqual(said);
      } finally {
        for (const other of others) await other.close();
      }
    },
  );
});
