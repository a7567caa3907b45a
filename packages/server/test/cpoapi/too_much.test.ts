// Bodies and parameters that hold more than anybody means: refused shortly, and others are answered meanwhile.

import { beforeAll, describe, expect, it } from 'vitest';
import { aChargingStation, aTenant } from '../builders.ts';
import { testApp } from '../test_app.ts';
import { aCaller, expectRefused } from './caller.ts';
import type { Caller } from './caller.ts';

const app = testApp();
let call: Caller;
let station: string;

beforeAll(async () => {
  const { id } = await aTenant(app.store);
  station = (await aChargingStation(app.store, id)).id;
  call = await aCaller(app, id);
});

describe('a body', () => {
  it('with very many faults is told a hundred of them', async () => {
    const answer = await call('POST', `/cp/${station}/maintenance_windows`, {
      startDate: '2091-01-01T00:00:00Z',
      endDate: '2091-01-02T00:00:00Z',
      whitelistedDriverTokens: Array(300_000).fill(1),
    });
    expect(answer.status).toBe(422);
    expect(answer.json<{ errors: object[] }>().errors).toHaveLength(100);
  });

  it.each([65, 3_000, 100_000])('nested %i deep is 400, signed in or not', async (depth) => {
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const wanted = { code: 'bad_request', source: { pointer: '' } } as const;
    expectRefused(await call('PATCH', `/charging_stations/${station}`, `{"label":${deep}}`), wanted);
    const session = await app.ask('/api/settings/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"email":${deep},"password":"x"}`,
    });
    expectRefused(session, wanted);
  });
});

describe('a filter', () => {
  it('takes up to a hundred values, each once', async () => {
    const values = Array.from({ length: 100 }, (_, at) => `label-${at}`).join();
    const list = `/charging_stations?filter[label]=${values}`;
    expect((await call('GET', `${list},label-1`)).status).toBe(200);
    expectRefused(await call('GET', `${list},another`), {
      code: 'invalid_parameter',
      source: { parameter: 'filter[label]' },
    });
  });
});
