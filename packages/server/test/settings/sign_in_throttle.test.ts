// Failed sign-ins make an account, and an address, wait longer and longer.

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashedPassword, wholeTenant } from '../../src/domain/index.ts';
import { createSignInThrottle } from '../../src/settings/sign_in_throttle.ts';
import { aTenant, aUser } from '../builders.ts';
import { expectRefused } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import type { Answer } from '../test_app.ts';
import { aSignedIn, password, signIn } from './signed_in.ts';

const clock = aClock();
const app = testApp({ clock, trustedProxies: ['127.0.0.0/8', '::1'] });
const hourMs = 3_600_000;

let tenant: { id: string; slug: string };
beforeAll(async () => {
  tenant = await aTenant(app.store);
});
// Nothing of one test counts in the next.
beforeEach(() => clock.moveBy(2 * hourMs));

let addresses = 0;
const anAddress = () => `192.0.2.${(addresses += 1)}`;

const attempt = (email: string, given: string, address = anAddress()) =>
  signIn(app, { tenant: tenant.slug, email, password: given }, { headers: { 'x-forwarded-for': address } });

function expectWait(answer: Answer, seconds: number): void {
  expectRefused(answer, { code: 'too_many_attempts' });
  expect(answer.headers['retry-after']).toBe(String(seconds));
}

describe('an account', () => {
  it.each([
    ['that there is', async () => (await aUser(app.store, tenant.id, { password })).email],
    ['that there is not', async () => 'nobody@example.com'],
  ])('%s waits after five failures, from whatever address, twice as long each time', async (_what, make) => {
    const email = await make();
    for (let n = 0; n < 5; n += 1)
      expectRefused(await attempt(email, 'wrong'), { code: 'invalid_credentials' });
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      expectWait(await attempt(email, password), seconds);
      expectWait(await attempt(email.toUpperCase(), password), seconds);
      clock.moveBy(seconds * 1000 - 1);
      expectWait(await attempt(email, password), 1);
      clock.moveBy(1);
      expectRefused(await attempt(email, 'wrong'), { code: 'invalid_credentials' });
    }
  });

  it('is one, whatever letters another alphabet has for its own', async () => {
    const { email } = await aUser(app.store, tenant.id, { email: 'vi@example.com', password });
    expectRefused(await attempt(email.replace('i', '\u{130}'), password), { code: 'invalid_credentials' });
    expect((await attempt(email.toUpperCase(), password)).status).toBe(200);
  });

  it('may have an address of other letters than ASCII’s', async () => {
    const { email } = await aUser(app.store, tenant.id, { email: 'müller@bücher.example', password });
    expect((await attempt(email, password)).status).toBe(200);
    expect((await attempt('MüLLER@BüCHER.example', password)).status).toBe(200);
  });

  it('is forgiven by the right password', async () => {
    const { email } = await aUser(app.store, tenant.id, { password });
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 4; n += 1) expect((await attempt(email, 'wrong')).status).toBe(401);
      expect((await attempt(email, password)).status).toBe(200);
    }
  });

  it('is forgiven by another password, whichever process writes it', async () => {
    const { email, id } = await aUser(app.store, tenant.id, { password });
    for (let n = 0; n < 6; n += 1) await attempt(email, 'wrong');
    expectWait(await attempt(email, password), 1);
    const values = { passwordHash: await hashedPassword('another horse battery') };
    const change = { id: String(id), values, ifUpdatedAt: undefined, now: clock.now() };
    expect(await app.store.users.update(wholeTenant(tenant.id), change)).toBe(true);
    expect((await attempt(email, 'another horse battery')).status).toBe(200);
  });

  it('is forgiven after an hour without an attempt', async () => {
    const { email } = await aUser(app.store, tenant.id, { password });
    for (let n = 0; n < 5; n += 1) await attempt(email, 'wrong');
    clock.moveBy(hourMs + 1);
    for (let n = 0; n < 5; n += 1) expect((await attempt(email, 'wrong')).status).toBe(401);
    expectWait(await attempt(email, password), 1);
  });

  it('gains nothing by many attempts at once', async () => {
    const { email } = await aUser(app.store, tenant.id, { password });
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt(email, 'wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it('leaves the same address in another tenant alone', async () => {
    const other = await aTenant(app.store);
    const email = 'both@example.com';
    await aUser(app.store, other.id, { email, password });
    for (let n = 0; n < 5; n += 1) await attempt(email, 'wrong');
    expect((await signIn(app, { tenant: other.slug, email })).status).toBe(200);
  });

  it('counts wrong current passwords of who has signed in, too', async () => {
    const { user, call } = await aSignedIn(app, tenant);
    const change = () =>
      call('PUT', '/session/password', { currentPassword: 'wrong', newPassword: 'a long password' });
    for (let n = 0; n < 5; n += 1) expect((await change()).status).toBe(422);
    expectWait(await change(), 1);
    expectWait(await attempt(user.email, password), 1);
    expect((await call('GET', '/session')).status).toBe(200);
  });
});

describe('an address', () => {
  const networks: [string, () => string, () => string][] = [
    ['of IPv4', () => '198.51.100.1', () => '198.51.100.2'],
    ['of IPv6, which is a network', () => `2001:db8::${(addresses += 1)}`, () => '2001:db8:0:1::1'],
    // As Azure's gateways forward it.
    ['of IPv4 with its port', () => `198.51.100.3:${1024 + (addresses += 1)}`, () => '198.51.100.4:1024'],
    [
      'of IPv6 with its port',
      () => `[2001:db8:0:2::${addresses % 9}]:${1024 + (addresses += 1)}`,
      () => '[2001:db8:0:3::1]:1024',
    ],
  ];
  it.each(networks)(
    '%s waits after fifty failures, whatever account it tries',
    async (_what, same, another) => {
      const { email } = await aUser(app.store, tenant.id, { password });
      for (let n = 0; n < 50; n += 1) {
        expect((await attempt(`nobody-${n}@example.com`, 'wrong', same())).status).toBe(401);
      }
      expectWait(await attempt(email, password, same()), 1);
      expect((await attempt(email, password, another())).status).toBe(200);
      clock.moveBy(1_000);
      expect((await attempt(email, password, same())).status).toBe(200);
    },
  );
});

describe('the memory of failures', () => {
  it('is bounded: those that lie back longest are forgotten', () => {
    const throttle = createSignInThrottle(clock);
    const fail = (account: string) => throttle.begin(account, account).ended();
    for (let n = 0; n < 5; n += 1) fail('first');
    expect(() => throttle.begin('first', 'elsewhere')).toThrow('Too many attempts');
    for (let n = 0; n < 9_999; n += 1) fail(`account ${n}`);
    expect(() => throttle.begin('first', 'elsewhere')).toThrow('Too many attempts');
    fail('one more');
    throttle.begin('first', 'elsewhere').ended();
  });

  it('is spared by attempts beyond what is checked at once', () => {
    const throttle = createSignInThrottle(clock);
    const begun = Array.from({ length: 50 }, (_, n) => throttle.begin(`account ${n}`, `address ${n}`));
    expect(() => throttle.begin('another', 'another')).toThrow('Too many attempts');
    begun[0]?.ended();
    throttle.begin('another', 'another').ended();
  });

  it('has room for others, however many attempts one network makes at once', () => {
    const throttle = createSignInThrottle(clock);
    const begun = Array.from({ length: 10 }, (_, n) => throttle.begin(`account ${n}`, `2001:db8::${n}`));
    expect(() => throttle.begin('another', '2001:db8::a')).toThrow('Too many attempts');
    throttle.begin('another', '2001:db8:0:1::1').ended();
    begun[0]?.ended();
    throttle.begin('another', '2001:db8::a').ended();
  });
});

describe('an address where many sign in', () => {
  it('does not wait for those who mistype now and then', () => {
    const throttle = createSignInThrottle(clock);
    for (let n = 0; n < 200; n += 1) {
      throttle.begin(`account ${n}`, '198.51.100.1').ended();
      clock.moveBy(60_000);
      const right = throttle.begin(`account ${n}`, '198.51.100.1');
      right.succeeded();
      right.ended();
      clock.moveBy(120_000);
    }
    expect(() => throttle.begin('another', '198.51.100.1')).not.toThrow();
  });
});
