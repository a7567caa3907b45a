// Sessions: signing in and out, who am I, one's own password, and what ends a session.

import { beforeAll, describe, expect, it } from 'vitest';
import { scopesOfRole } from '../../src/domain/index.ts';
import { aCompany, aTenant, aUser } from '../builders.ts';
import { expectFaultsAt, expectRefused } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { aSignedIn, askSettings, callerWithCookie, cookieOf, password, signIn } from './signed_in.ts';

const clock = aClock();
const app = testApp({ clock, trustedProxies: ['127.0.0.0/8', '::1'] });
const hourMs = 3_600_000;

let tenant: { id: string; slug: string };
let other: { id: string; slug: string };
beforeAll(async () => {
  tenant = await aTenant(app.store);
  other = await aTenant(app.store);
});

const wrong = { code: 'invalid_credentials' } as const;
const ended = { code: 'not_signed_in', detail: 'The session has ended.' } as const;

describe('signing in', () => {
  it('answers who has signed in and sets a cookie that scripts and other sites cannot use', async () => {
    const company = await aCompany(app.store, tenant.id);
    const user = await aUser(app.store, tenant.id, {
      firstName: 'Jane',
      lastName: 'Doe',
      role: 'operator',
      company: { companyId: company, withSubordinates: false },
      password,
    });
    const answer = await signIn(app, { tenant: tenant.slug, email: user.email });
    expect({ status: answer.status, body: answer.json(), kept: answer.headers['cache-control'] }).toEqual({
      status: 200,
      body: {
        data: {
          type: 'session',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          attributes: {
            tenant: tenant.slug,
            email: user.email,
            userId: user.id,
            firstName: 'Jane',
            lastName: 'Doe',
            role: 'operator',
            scopes: scopesOfRole('operator'),
            companyUuid: company,
            visibility: 'company',
            startedAt: '2026-11-25T12:00:00.000Z',
            endsAt: '2026-12-02T12:00:00.000Z',
          },
        },
        links: { self: `${app.origin}/api/settings/v1/session` },
      },
      kept: 'no-store',
    });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(
          `^chargeyard_session=${tenant.slug}\\.[0-9a-f]{64}; Max-Age=604800; Path=/; HttpOnly; SameSite=Strict$`,
        ),
      ),
    ]);
    const who = await callerWithCookie(app, cookieOf(answer))('GET', '/session');
    expect({ status: who.status, body: who.json() }).toEqual({ status: 200, body: answer.json() });
  });

  it('needs no tenant on the tenant’s host, and no particular case of the email address', async () => {
    const { email } = await aUser(app.store, tenant.id, { email: 'Mixed.Case@example.com', password });
    const answer = await signIn(
      app,
      { email: 'mixed.case@EXAMPLE.com' },
      { host: `${tenant.slug}.localhost` },
    );
    expect(answer.json()).toMatchObject({ data: { attributes: { email, tenant: tenant.slug } } });
  });

  it('sets a cookie for https only where the request came by https, as a trusted proxy says', async () => {
    const { email } = await aUser(app.store, tenant.id, { password });
    const answer = await signIn(
      app,
      { tenant: tenant.slug, email },
      { headers: { 'x-forwarded-proto': 'https' } },
    );
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; SameSite=Strict; Secure$/);
  });

  it('answers the same to whatever is wrong', async () => {
    const { email } = await aUser(app.store, tenant.id, { password });
    const inactive = await aUser(app.store, tenant.id, { password, isActive: false });
    const technician = await aUser(app.store, tenant.id, { isTechnician: true });
    const foreign = await aUser(app.store, other.id, { password });
    const attempts = [
      { tenant: tenant.slug, email, password: `${password}!` },
      { tenant: tenant.slug, email, password: '' },
      { tenant: tenant.slug, email: 'nobody@example.com' },
      { tenant: tenant.slug, email: inactive.email },
      { tenant: tenant.slug, email: technician.email },
      { tenant: tenant.slug, email: technician.email, password: 'nobody has this password' },
      { tenant: tenant.slug, email: foreign.email },
      { tenant: 'nobody', email },
    ];
    for (const attempt of attempts) {
      const answer = await signIn(app, attempt);
      expectRefused(answer, {
        ...wrong,
        detail: 'There is no user with this email address and password.',
      });
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('tells what is missing, all at once', async () => {
    expectFaultsAt(await askSettings(app, 'POST', '/session', {}), ['/email', '/password']);
    expectFaultsAt(await signIn(app, { email: 'a@example.com' }), ['/tenant']);
    const elsewhere = { tenant: tenant.slug, email: 'a@example.com' };
    expectFaultsAt(await signIn(app, elsewhere, { host: `${other.slug}.localhost` }), ['/tenant']);
  });

  it('keeps the token’s hash alone, and logs neither token nor password', async () => {
    const { cookie } = await aSignedIn(app, tenant);
    const token = cookie.split('.')[1] ?? '';
    expect(token).toHaveLength(64);
    const rows = await app.database.look<Record<string, unknown>>(
      'select s.*, u.password_hash from sessions s join users u on (u.tenant_id, u.id) = (s.tenant_id, s.user_id)',
    );
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(password);
    expect(app.logged.join('\n')).not.toContain(token);
    expect(app.logged.join('\n')).not.toContain(password);
  });
});

describe('a session', () => {
  it.each(['GET', 'DELETE'])('is asked for by %s of who has none', async (method) => {
    for (const headers of [{}, { cookie: 'another=1; chargeyard_session=' }]) {
      const answer = await askSettings(app, method, '/session', undefined, { headers });
      expectRefused(answer, { code: 'not_signed_in' });
      expect(answer.headers['www-authenticate']).toBe(
        'Cookie realm="Chargeyard", cookie-name="chargeyard_session"',
      );
    }
  });

  it.each(['x', '.', 'nobody.x', 'a.b.c', '%00.%00', '"', 'tenant-1.'])(
    'is not what some cookie says: %s',
    async (value) => {
      const headers = { cookie: `chargeyard_session=${value}` };
      expectRefused(await askSettings(app, 'GET', '/session', undefined, { headers }), ended);
    },
  );

  it('is one tenant’s: not valid on another’s host, nor under another’s name', async () => {
    const { cookie } = await aSignedIn(app, tenant);
    const ask = (as: string, host: string) =>
      askSettings(app, 'GET', '/session', undefined, { headers: { cookie: as }, host });
    expect((await ask(cookie, `${tenant.slug}.localhost`)).status).toBe(200);
    expectRefused(await ask(cookie, `${other.slug}.localhost`), ended);
    expectRefused(await ask(cookie.replace(tenant.slug, other.slug), 'localhost'), ended);
  });

  it('ends twelve hours after its last request, and seven days after the sign-in', async () => {
    const idle = await aSignedIn(app, tenant);
    const busy = await aSignedIn(app, tenant);
    const start = clock.now();
    clock.moveBy(12 * hourMs - 1);
    expect((await busy.call('GET', '/session')).status).toBe(200);
    clock.moveBy(1);
    expectRefused(await idle.call('GET', '/session'), ended);
    for (let hours = 20; hours < 7 * 24; hours += 10) {
      clock.moveTo(new Date(start.getTime() + hours * hourMs));
      expect((await busy.call('GET', '/session')).status).toBe(200);
    }
    clock.moveTo(new Date(start.getTime() + 7 * 24 * hourMs));
    expectRefused(await busy.call('GET', '/session'), ended);
    await aSignedIn(app, tenant);
    const left = await app.database.look('select 1 from sessions where tenant_id = $1 and created_at <= $2', [
      tenant.id,
      start,
    ]);
    expect(left).toEqual([]);
    clock.moveTo(start);
  });

  it('ends when its user signs out, and the cookie goes; other sessions stay', async () => {
    const { user, call } = await aSignedIn(app, tenant);
    const second = callerWithCookie(
      app,
      cookieOf(await signIn(app, { tenant: tenant.slug, email: user.email })),
    );
    const answer = await call('DELETE', '/session');
    expect(answer).toMatchObject({
      status: 204,
      text: '',
      headers: { 'set-cookie': ['chargeyard_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict'] },
    });
    expectRefused(await call('GET', '/session'), ended);
    expect((await second('GET', '/session')).status).toBe(200);
  });

  it.each([
    ['deactivated', 'PATCH', { isActive: false }],
    ['given another password', 'PATCH', { password: 'another horse battery' }],
    ['left without a password', 'PATCH', { password: null }],
    ['deleted', 'DELETE', undefined],
  ])('ends at once when its user is %s', async (_what, method, change) => {
    const owner = await aSignedIn(app, tenant);
    const { user, call } = await aSignedIn(app, tenant, { role: 'viewer' });
    expect((await call('GET', '/session')).status).toBe(200);
    expect((await owner.call(method, `/users/${user.id}`, change)).status).toBeLessThan(300);
    expectRefused(await call('GET', '/session'), ended);
    if (method === 'PATCH') await owner.call('PATCH', `/users/${user.id}`, { isActive: true });
    expectRefused(await call('GET', '/session'), ended);
    expect((await owner.call('GET', '/session')).status).toBe(200);
  });

  it('ends when its user begins fifty more, the oldest first; other users’ stay', async () => {
    const another = await aSignedIn(app, tenant);
    const { user, call, cookie } = await aSignedIn(app, tenant);
    // As old as the first one's, but later in the order of ids.
    await app.database.look(
      `insert into sessions (tenant_id, id, user_id, token_hash, created_at, last_used_at)
       select s.tenant_id, overlay(s.id::text placing lpad(n::text, 12, 'f') from 25)::uuid, s.user_id, n::text, s.created_at,
              s.last_used_at
       from sessions s, generate_series(1, 48) n where s.user_id = $1 and s.tenant_id = $2`,
      [user.id, tenant.id],
    );
    clock.moveBy(1);
    const begin = async () => cookieOf(await signIn(app, { tenant: tenant.slug, email: user.email }));
    await begin();
    expect((await call('GET', '/session')).status).toBe(200);
    const newest = await begin();
    expectRefused(await callerWithCookie(app, cookie)('GET', '/session'), ended);
    expect((await callerWithCookie(app, newest)('GET', '/session')).status).toBe(200);
    expect((await another.call('GET', '/session')).status).toBe(200);
    const kept = await app.database.look('select 1 from sessions where user_id = $1 and tenant_id = $2', [
      user.id,
      tenant.id,
    ]);
    expect(kept).toHaveLength(50);
  });

  it('has the rights that its user’s role gives now', async () => {
    const owner = await aSignedIn(app, tenant);
    const { user, call } = await aSignedIn(app, tenant, { role: 'admin' });
    expect((await call('GET', '/users')).status).toBe(200);
    expect((await owner.call('PATCH', `/users/${user.id}`, { role: 'viewer' })).status).toBe(200);
    const refusal = await call('GET', '/users');
    expectRefused(refusal, { code: 'insufficient_scope' });
    expect(refusal.headers).not.toHaveProperty('www-authenticate');
  });
});

describe('one’s own password', () => {
  it('is changed with the current one; all sessions end, and a new one begins', async () => {
    const { user, cookie, call } = await aSignedIn(app, tenant, { role: 'viewer' });
    const second = callerWithCookie(
      app,
      cookieOf(await signIn(app, { tenant: tenant.slug, email: user.email })),
    );
    const newPassword = 'correct horse battery staple';
    const answer = await call('PUT', '/session/password', { currentPassword: password, newPassword });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expectRefused(await call('GET', '/session'), ended);
    expectRefused(await second('GET', '/session'), ended);
    expect(cookieOf(answer)).not.toBe(cookie);
    expect((await callerWithCookie(app, cookieOf(answer))('GET', '/session')).status).toBe(200);
    expectRefused(await signIn(app, { tenant: tenant.slug, email: user.email }), wrong);
    const again = await signIn(app, { tenant: tenant.slug, email: user.email, password: newPassword });
    expect(again.status).toBe(200);
  });

  it('stays when the current one is wrong or the new one is bad, told together', async () => {
    const { user, call } = await aSignedIn(app, tenant);
    const change = (currentPassword: string, newPassword: string) =>
      call('PUT', '/session/password', { currentPassword, newPassword });
    expectFaultsAt(await change('wrong', user.email), ['/currentPassword', '/newPassword']);
    expectFaultsAt(await change(password, 'eleven char'), ['/newPassword']);
    expectFaultsAt(await change(password, 'x'.repeat(201)), ['/newPassword']);
    expectFaultsAt(await change(password, 'x'.repeat(20)), ['/newPassword']);
    expectFaultsAt(await call('PUT', '/session/password', {}), ['/currentPassword', '/newPassword']);
    expect((await call('GET', '/session')).status).toBe(200);
  });
});

const own = () => ({ host: `${tenant.slug}.localhost` });

describe('a request from elsewhere', () => {
  const cases: [string, Record<string, string>, boolean][] = [
    ['no browser', {}, true],
    ['a page of this host', { 'sec-fetch-site': 'same-origin' }, true],
    ['the person', { 'sec-fetch-site': 'none' }, true],
    ['a page of another tenant', { 'sec-fetch-site': 'same-site' }, false],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, false],
    ['another site, though its Origin is ours', { 'sec-fetch-site': 'cross-site', origin: 'OWN' }, false],
    ['a page of this host in an older browser', { origin: 'OWN' }, true],
    ['a page of another host in an older browser', { origin: 'https://example.com' }, false],
    ['a page of the bare host in an older browser', { origin: 'http://localhost' }, false],
    ['a sandboxed page in an older browser', { origin: 'null' }, false],
  ];
  it.each(cases)('%s: may or may not sign in, change and read', async (_what, sent, isTaken) => {
    const headers = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [
        name,
        value === 'OWN' ? `http://${tenant.slug}.localhost:${app.port}` : value,
      ]),
    );
    const { user, cookie } = await aSignedIn(app, tenant);
    const signedIn = await signIn(app, { email: user.email }, { ...own(), headers });
    const changed = await askSettings(
      app,
      'PATCH',
      `/users/${user.id}`,
      { firstName: 'X' },
      {
        ...own(),
        headers: { ...headers, cookie },
      },
    );
    const read = await askSettings(app, 'GET', '/session', undefined, {
      ...own(),
      headers: { ...headers, cookie },
    });
    expect([signedIn.status, changed.status, read.status]).toEqual(
      isTaken ? [200, 200, 200] : [403, 403, 200],
    );
    expect(signedIn.headers['set-cookie'] !== undefined).toBe(isTaken);
    const source = { header: 'sec-fetch-site' in sent ? 'Sec-Fetch-Site' : 'Origin' };
    if (!isTaken) {
      expectRefused(signedIn, { code: 'cross_site_request', source });
      expectRefused(changed, { code: 'cross_site_request', source });
    }
  });
});
