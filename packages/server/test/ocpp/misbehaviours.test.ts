// The library of misbehaviours: what stations of the field were seen to send, with what is answered, which deviations are
// told, and what the API shows afterwards. Each file of misbehaviours/ is a test, over a real socket and a real database.
// One that needs an action which we do not handle yet is skipped by name, and runs from the day on which we do.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actionsOfV16 } from '../../src/ocpp/v16/actions.ts';
import { aChargingStation, aTenant } from '../builders.ts';
import { aCaller, expectFaultsAt } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { testStation } from './test_gateway.ts';

type Exchange = {
  /** The frame as it is on the wire. */
  readonly sends: string;
  readonly isBinary?: true;
  /** `null`: none. `"*"` stands for any value. */
  readonly answer: readonly unknown[] | null;
  readonly deviations: readonly string[];
};

type Misbehaviour = {
  /** Where it was reported. */
  readonly source: string;
  /** The frames are those that were shown there; else they are made after what is told there. */
  readonly isFrameQuoted: boolean;
  readonly what: string;
  /** What the operator knows of the station. */
  readonly station?: { readonly timeZone: string };
  readonly exchanges: readonly (Exchange | { readonly reconnects: true })[];
  /** Some attributes at the API: of the `station`, and of all that a resource has below it, in the order of creation. */
  readonly shows?: {
    readonly [resource: string]: object;
  };
};

const app = testApp({ clock: aClock(new Date('2026-11-25T12:00:00.000Z')) });

const folder = new URL('misbehaviours/', import.meta.url);
const library = readdirSync(folder)
  .toSorted()
  .map((file) => ({
    name: file.replace('.json', ''),
    ...(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Misbehaviour),
  }));

/** The actions that a misbehaviour needs to be handled and that are not. */
function awaited({ exchanges }: Misbehaviour): string[] {
  const answered = exchanges.filter(
    (each): each is Exchange => 'sends' in each && each.answer !== null && isJson(each.sends),
  );
  const actions = answered.map(({ sends }) => /^\W*2\W*"[^"]*"\W*"(\w+)"/.exec(sends)?.[1] ?? '');
  return [...new Set(actions)].filter((action) => action !== '' && !(action in actionsOfV16.handled));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\uFEFF/, '').replace(/\0+$/, ''));
    return true;
  } catch {
    return false;
  }
}

const anything: unknown = expect.anything();

/** What is expected, with anything in the place of each "*". */
function pattern(value: unknown): unknown {
  if (value === '*') return anything;
  if (Array.isArray(value)) return value.map(pattern);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pattern(each)]));
}

/** Whose deviations were told with the answer under a message id, newest first. */
function deviationsTold(identity: string, messageId: unknown): unknown {
  const line = app.logged
    .map((each) => JSON.parse(each) as Record<string, unknown>)
    .findLast(
      ({ msg, ...about }) =>
        msg === 'call answered' && about['identity'] === identity && about['messageId'] === messageId,
    );
  return line?.['deviations'];
}

/** What the API shows of a station, or of a resource below it. */
async function attributesOf(ask: Caller, stationId: string, resource: string): Promise<unknown> {
  if (resource === 'station') {
    return (await ask('GET', `/charging_stations/${stationId}`)).json<Single>().data.attributes;
  }
  const { data } = (await ask('GET', `/cp/${stationId}/${resource}`)).json<List>();
  return data.map(({ attributes }) => attributes);
}

describe('misbehaviours', () => {
  it('are 25 or more, each with its source', () => {
    expect(library.length).toBeGreaterThanOrEqual(25);
    expect(library.filter(({ source, what }) => !source || !what)).toEqual([]);
  });

  for (const misbehaviour of library) {
    const { name, what, exchanges } = misbehaviour;
    const missing = awaited(misbehaviour);
    const awaits = missing.length === 0 ? what : `awaits ${missing.join(', ')}`;
    it.skipIf(missing.length > 0)(`${name}: ${awaits}`, async () => {
      const tenant = await aTenant(app.store);
      const { id: stationId, identity } = await aChargingStation(app.store, tenant.id);
      const ask = await aCaller(app, tenant.id);
      if (misbehaviour.station !== undefined) {
        await ask('PATCH', `/charging_stations/${stationId}`, misbehaviour.station);
      }
      const url = `/ocpp/${tenant.slug}/${identity}`;
      let station = await testStation(app, url);
      for (const exchange of exchanges) {
        if ('reconnects' in exchange) {
          station.webSocket.terminate();
          station = await testStation(app, url);
          continue;
        }
        const { sends, isBinary, answer, deviations } = exchange;
        station.send(isBinary ? Buffer.from(sends) : sends);
        if (answer === null) continue;
        expect(await station.next()).toEqual(pattern(answer));
        expect(deviationsTold(identity, answer[1])).toEqual(deviations);
      }
      // Whatever it was, the connection is still there, and nothing more was sent on it.
      expect((await station.call('probe', 'Heartbeat', {})).slice(0, 2)).toEqual([3, 'probe']);
      for (const [resource, wanted] of Object.entries(misbehaviour.shows ?? {})) {
        expect(await attributesOf(ask, stationId, resource)).toMatchObject(wanted);
      }
    });
  }
});

describe('a charging station of a model that is treated strictly', () => {
  it('is refused what others are forgiven, from its next connection on', async () => {
    const tenant = await aTenant(app.store);
    const { id, identity } = await aChargingStation(app.store, tenant.id);
    const ask = await aCaller(app, tenant.id);
    const url = `/ocpp/${tenant.slug}/${identity}`;
    const deviating = { connectorId: '1', errorCode: 'NoError', status: 'Available' };
    const answers: unknown[] = [];
    for (const leniency of ['strict', 'lenient']) {
      const model = await ask('POST', '/charging_station_models', {
        vendor: 'Vendor',
        name: leniency,
        leniency,
      });
      expect(model.json<Single>().data.attributes).toMatchObject({ leniency });
      const modelId = Number(model.json<Single>().data.id);
      expect((await ask('PATCH', `/charging_stations/${id}`, { modelId })).status).toBe(200);
      const station = await testStation(app, url);
      answers.push((await station.call('1', 'StatusNotification', deviating)).slice(0, 3));
    }
    expect(answers).toEqual([
      [4, '1', 'TypeConstraintViolation'],
      [3, '1', {}],
    ]);
  });

  it('is one only where the model says so', async () => {
    const tenant = await aTenant(app.store);
    const ask = await aCaller(app, tenant.id);
    const model = await ask('POST', '/charging_station_models', { vendor: 'Vendor', name: 'Plain' });
    expect(model.json<Single>().data.attributes).toMatchObject({ leniency: 'lenient' });
    const wrong = await ask('PATCH', `/charging_station_models/1`, { leniency: 'lax' });
    expectFaultsAt(wrong, ['/leniency']);
  });
});
