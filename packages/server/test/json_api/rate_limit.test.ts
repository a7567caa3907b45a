import { describe, expect, it } from 'vitest';
import { aTenant } from '../builders.ts';
import { aCaller, expectRefused } from '../cpoapi/caller.ts';
import type { Caller } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';

const clock = aClock();
const app = testApp({ clock, rateLimit: { requests: 3, seconds: 2 } });

const fieldsOf = ({ headers }: Answer) => ({
  limit: headers['ratelimit-limit'],
  remaining: headers['ratelimit-remaining'],
  policy: headers['ratelimit-policy'],
});
const left = (remaining: number) => ({ limit: '3', remaining: String(remaining), policy: '3;w=2' });

async function askUntilRefused(call: Caller): Promise<Answer> {
  const answer = await call('GET', '/companies');
  return answer.status === 429 ? answer : askUntilRefused(call);
}

describe('the rate limit', () => {
  it('tells what is left with every answer, whatever its status', async () => {
    const tenant = await aTenant(app.store);
    const call = await aCaller(app, tenant.id, { scopes: ['cpoapi:companies:read'] });
    const answers = [
      await call('GET', '/companies'),
      await call('GET', '/connectors'),
      await call('GET', '/companies?a=b'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 400]);
    expect(answers.map(fieldsOf)).toEqual([left(2), left(1), left(0)]);
  });

  it('refuses what exceeds it, and takes requests again when the time is over that it names', async () => {
    const tenant = await aTenant(app.store);
    const call = await aCaller(app, tenant.id);
    expect((await call('GET', '/companies')).headers['ratelimit-reset']).toBe('2');
    clock.moveBy(1_000);
    const refusal = await askUntilRefused(call);
    expectRefused(refusal, { code: 'too_many_requests' });
    expect(fieldsOf(refusal)).toEqual(left(0));
    const { 'retry-after': retryAfter, 'ratelimit-reset': reset } = refusal.headers;
    expect({ retryAfter, reset }).toEqual({ retryAfter: '1', reset: '1' });
    clock.moveBy(999);
    expect((await call('GET', '/companies')).status).toBe(429);
    clock.moveBy(1);
    expect(fieldsOf(await call('GET', '/companies'))).toEqual(left(2));
  });

  it('keeps nobody waiting longer when the clock is put back', async () => {
    const tenant = await aTenant(app.store);
    const call = await aCaller(app, tenant.id);
    await askUntilRefused(call);
    clock.moveBy(-60_000);
    expect(fieldsOf(await call('GET', '/companies'))).toEqual(left(2));
    clock.moveBy(60_000);
  });

  it('counts each API client by itself', async () => {
    const tenant = await aTenant(app.store);
    const [call, other] = [await aCaller(app, tenant.id), await aCaller(app, tenant.id)];
    await askUntilRefused(call);
    expect(fieldsOf(await other('GET', '/companies'))).toEqual(left(2));
  });
});
