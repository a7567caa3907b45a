// users: what is made, changed and deleted, and by whom it may be.

import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { hashedPassword } from '../../src/domain/index.ts';
import type { CompanyVisibility, Role } from '../../src/domain/index.ts';
import { aChargingStation, aCompany, aTenant, aUser } from '../builders.ts';
import { expectFaultsAt, expectRefused } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';
import { aSignedIn, password, signIn } from './signed_in.ts';

const clock = aClock();
const app = testApp({ clock });

let tenant: { id: string; slug: string };
let owner: Caller;
beforeAll(async () => {
  tenant = await aTenant(app.store);
  owner = (await aSignedIn(app, tenant)).call;
});

let made = 0;
const creation = (more: object = {}) => ({
  email: `made-${(made += 1)}@example.com`,
  firstName: 'Jane',
  lastName: 'Doe',
  role: 'viewer',
  ...more,
});
const emailsOf = async (call: Caller) =>
  (await call('GET', '/users?page[limit]=500'))
    .json<List>()
    .data.map(({ attributes }) => attributes['email']);

describe('a user', () => {
  it('is made with what is sent, and signs in', async () => {
    const sent = creation({ isTechnician: true, password });
    const answer = await owner('POST', '/users', sent);
    const { id } = answer.json<Single>().data;
    expect({ status: answer.status, location: answer.headers.location, body: answer.json() }).toEqual({
      status: 201,
      location: `${app.origin}/api/settings/v1/users/${id}`,
      body: {
        data: {
          type: 'users',
          id: expect.stringMatching(/^\d+$/),
          attributes: {
            uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
            email: sent.email,
            firstName: 'Jane',
            lastName: 'Doe',
            role: 'viewer',
            companyUuid: null,
            visibility: null,
            isActive: true,
            isTechnician: true,
            hasPassword: true,
            createdAt: '2026-11-25T12:00:00.000Z',
            updatedAt: '2026-11-25T12:00:00.000Z',
          },
        },
        links: { self: `${app.origin}/api/settings/v1/users/${id}` },
      },
    });
    expect((await signIn(app, { tenant: tenant.slug, email: sent.email })).status).toBe(200);
    const changed = await owner('PUT', `/users/${id}`, {
      password: 'another horse battery',
      lastName: 'Roe',
    });
    expect(changed.json()).toMatchObject({ data: { attributes: { firstName: 'Jane', lastName: 'Roe' } } });
    expect((await signIn(app, { tenant: tenant.slug, email: sent.email })).status).toBe(401);
  });

  it('keeps no connection of the pool while its password is hashed', async () => {
    const { id } = await aUser(app.store, tenant.id);
    // They come first, so that the password waits for its turn behind them.
    const others = Promise.all(Array.from({ length: 20 }, () => hashedPassword(password)));
    const changed = owner('PATCH', `/users/${id}`, { password });
    const inTransactions = `select 1 from pg_stat_activity where datname = current_database() and state like 'idle in %'`;
    let seen = 0;
    for (let areHashed = false; !areHashed;) {
      seen += (await app.database.look(inTransactions)).length;
      areHashed = await Promise.race([others.then(() => true), setImmediate(false)]);
    }
    expect({ status: (await changed).status, seen }).toEqual({ status: 200, seen: 0 });
  });

  it('is never shown with a password or its hash', async () => {
    const sent = creation({ password });
    const created = await owner('POST', '/users', sent, { 'idempotency-key': sent.email });
    const repeated = await owner('POST', '/users', sent, { 'idempotency-key': sent.email });
    const { id } = created.json<Single>().data;
    const answers = [created, repeated, await owner('GET', `/users/${id}`), await owner('GET', '/users')];
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(300);
      expect(text).not.toMatch(/argon2|"password"|horse/);
    }
    expectRefused(await owner('GET', '/users?fields[users]=password'), {
      code: 'invalid_parameter',
      source: { parameter: 'fields[users]' },
    });
    const kept = await app.database.look('select * from idempotent_requests');
    expect(JSON.stringify(kept)).not.toContain(password);
    expect(app.logged.join('\n')).not.toMatch(/argon2|horse/);
  });

  it('is refused with all that is wrong at once', async () => {
    expectFaultsAt(await owner('POST', '/users', {}), ['/email', '/firstName', '/lastName', '/role']);
    expectFaultsAt(
      await owner(
        'POST',
        '/users',
        creation({ email: 'no address', role: 'king', password: 'short', lastName: ' ' }),
      ),
      ['/email', '/lastName', '/password', '/role'],
    );
    const email = 'long.enough@example.com';
    const companyUuid = '01a21033-a00e-775b-9a7d-08bda82763c0';
    const data = {
      type: 'users',
      attributes: creation({ email, password: email.toUpperCase(), companyUuid }),
    };
    expectFaultsAt(await owner('POST', '/users', { data }), [
      '/data/attributes/companyUuid',
      '/data/attributes/password',
    ]);
    expectFaultsAt(await owner('POST', '/users', creation({ visibility: 'company' })), ['/visibility']);
  });

  it('has an email address of its own, whatever its case', async () => {
    const { email } = await aUser(app.store, tenant.id);
    const taken = { code: 'conflict', source: { pointer: '/email' } } as const;
    expectRefused(await owner('POST', '/users', creation({ email: email.toUpperCase() })), taken);
    const other = await aUser(app.store, tenant.id);
    expectRefused(await owner('PATCH', `/users/${other.id}`, { email }), taken);
    expect((await owner('PATCH', `/users/${other.id}`, { email: other.email.toUpperCase() })).status).toBe(
      200,
    );
    await aUser(app.store, (await aTenant(app.store)).id, { email });
  });

  it('is of one tenant: 404 to another’s owner, and in no list of his', async () => {
    const other = await aSignedIn(app, await aTenant(app.store));
    const { id } = await aUser(app.store, tenant.id);
    // The numbers begin anew in each tenant: one that the other tenant has not reached.
    expect(id).toBeGreaterThan(1);
    for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
      expectRefused(await other.call(method, `/users/${id}`, body), { code: 'not_found' });
    }
    expect(await emailsOf(other.call)).toEqual([other.user.email]);
  });

  it('leaves its charging stations without a technician when it is deleted, which is a change of theirs', async () => {
    const { id } = await aUser(app.store, tenant.id, { role: 'viewer', isTechnician: true });
    const station = await aChargingStation(app.store, tenant.id);
    const at = `/api/cpoapi/v1/charging_stations/${station.id}`;
    const assigned = await owner('PATCH', at, { technicianUserId: id });
    expect(assigned.json()).toMatchObject({ data: { attributes: { technicianUserId: id } } });
    expect((await owner('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await owner('GET', at)).json()).toMatchObject({
      data: { attributes: { technicianUserId: null } },
    });
    expectRefused(await owner('PATCH', at, {}, { 'if-match': assigned.headers.etag ?? '' }), {
      code: 'precondition_failed',
      source: { header: 'If-Match' },
    });
    expectRefused(await owner('GET', `/users/${id}`), { code: 'not_found' });
  });

  it('cannot change the own password without the current one', async () => {
    const { user, call } = await aSignedIn(app, tenant);
    expectFaultsAt(await call('PATCH', `/users/${user.id}`, { password: 'another horse battery' }), [
      '/password',
    ]);
    expect((await call('PATCH', `/users/${user.id}`, { firstName: 'Joan' })).status).toBe(200);
  });
});

describe('an administrator', () => {
  const beyond = { code: 'beyond_own_rights' } as const;

  it('makes and changes all but owners', async () => {
    const admin = await aSignedIn(app, tenant, { role: 'admin' });
    for (const role of ['admin', 'operator', 'viewer']) {
      const answer = await admin.call('POST', '/users', creation({ role }));
      expect(answer.status, answer.text).toBe(201);
      const at = `/users/${answer.json<Single>().data.id}`;
      expectFaultsAt(await admin.call('PATCH', at, { role: 'owner' }), ['/role']);
      expect((await admin.call('PATCH', at, { role: 'viewer' })).status).toBe(200);
      expect((await admin.call('DELETE', at)).status).toBe(204);
    }
    expectFaultsAt(await admin.call('POST', '/users', creation({ role: 'owner' })), ['/role']);
    expectFaultsAt(await admin.call('PATCH', `/users/${admin.user.id}`, { role: 'owner' }), ['/role']);
    const { id } = await aUser(app.store, tenant.id, { role: 'owner' });
    expect((await admin.call('GET', `/users/${id}`)).status).toBe(200);
    for (const change of [{ password: 'another horse battery' }, { isActive: false }, { role: 'viewer' }]) {
      expectRefused(await admin.call('PATCH', `/users/${id}`, change), beyond);
    }
    expectRefused(await admin.call('DELETE', `/users/${id}`), beyond);
  });
});

describe('the last active owner', () => {
  const last = { code: 'conflict', detail: 'This is the last active owner of the tenant.' } as const;

  it('is neither demoted, deactivated nor deleted', async () => {
    const own = await aTenant(app.store);
    const { user, call } = await aSignedIn(app, own);
    await aUser(app.store, own.id, { role: 'owner', isActive: false });
    await aUser(app.store, own.id, { role: 'admin' });
    const at = `/users/${user.id}`;
    expectRefused(await call('PATCH', at, { role: 'admin' }), last);
    expectRefused(await call('PATCH', at, { isActive: false }), last);
    expectRefused(await call('DELETE', at), last);
    expect((await call('PATCH', at, { firstName: 'Still', role: 'owner', isActive: true })).status).toBe(200);
    // Who cannot sign in is of no help.
    await aUser(app.store, own.id, { role: 'owner' });
    expectRefused(await call('PATCH', at, { role: 'admin' }), last);
    await aUser(app.store, own.id, { role: 'owner', password: 'correct horse battery' });
    expect((await call('PATCH', at, { role: 'admin' })).status).toBe(200);
  });

  it('stays also when two owners demote each other at the same time', async () => {
    const own = await aTenant(app.store);
    const one = await aSignedIn(app, own);
    const two = await aSignedIn(app, own);
    const answers = await Promise.all([
      one.call('PATCH', `/users/${two.user.id}`, { role: 'viewer' }),
      two.call('PATCH', `/users/${one.user.id}`, { role: 'viewer' }),
    ]);
    const statuses = answers.map(({ status }) => status).toSorted();
    // The second was let in as an owner, or came too late to be one.
    expect([
      [200, 403],
      [200, 409],
    ]).toContainEqual(statuses);
    const left = await app.database.look("select 1 from users where tenant_id = $1 and role = 'owner'", [
      own.id,
    ]);
    expect(left).toHaveLength(1);
  });
});

describe('a user who is bound to a company', () => {
  const companies = {} as Record<'root' | 'sub' | 'sibling', string>;
  const users = {} as Record<string, { id: number; email: string }>;
  const bound = async (role: Role, company: CompanyVisibility) => aUser(app.store, own.id, { role, company });
  let own: { id: string; slug: string };

  beforeAll(async () => {
    own = await aTenant(app.store);
    companies.root = await aCompany(app.store, own.id);
    companies.sub = await aCompany(app.store, own.id, companies.root);
    companies.sibling = await aCompany(app.store, own.id);
    users['tenant'] = await aUser(app.store, own.id, { role: 'viewer' });
    users['root'] = await bound('viewer', { companyId: companies.root, withSubordinates: false });
    users['root tree'] = await bound('viewer', { companyId: companies.root, withSubordinates: true });
    users['sub'] = await bound('viewer', { companyId: companies.sub, withSubordinates: false });
    users['sibling'] = await bound('viewer', { companyId: companies.sibling, withSubordinates: false });
  });

  const bindings: [string, boolean, string[], string[]][] = [
    ['that alone', false, ['root', 'root tree'], ['root']],
    ['that with its subordinates', true, ['root', 'root tree', 'sub'], ['root', 'root tree', 'sub']],
  ];
  it.each(bindings)(
    '%s: sees and changes whom it includes',
    async (_what, withSubordinates, seen, changed) => {
      const { user, call } = await aSignedIn(app, own, {
        role: 'admin',
        company: { companyId: companies.root, withSubordinates },
      });
      expect(await emailsOf(call)).toEqual(
        expect.arrayContaining([...seen.map((name) => users[name]?.email), user.email]),
      );
      const answered = await Promise.all(
        Object.entries(users).map(async ([name, { id }]) => {
          const { status } = await call('PATCH', `/users/${id}`, { firstName: 'Changed' });
          return [name, status] as const;
        }),
      );
      expect(Object.fromEntries(answered)).toEqual(
        Object.fromEntries(
          Object.keys(users).map((name) => [
            name,
            changed.includes(name) ? 200 : seen.includes(name) ? 403 : 404,
          ]),
        ),
      );
      const listed = (await emailsOf(call)) as string[];
      expect(listed).not.toContain(users['tenant']?.email);
      expect(listed).not.toContain(users['sibling']?.email);
      await app.store.users.delete(
        { tenantId: own.id, company: undefined },
        { id: String(user.id), ifUpdatedAt: undefined, now: clock.now() },
      );
    },
  );

  it('gives nothing that he has not: neither another company, nor the whole tenant, nor more of his own', async () => {
    const company = { companyId: companies.root, withSubordinates: false };
    const { user, call } = await aSignedIn(app, own, { role: 'admin', company });
    const create = (more: object) => call('POST', '/users', creation(more));
    expectFaultsAt(await create({}), ['/companyUuid']);
    expectFaultsAt(await create({ companyUuid: null }), ['/companyUuid']);
    expectFaultsAt(await create({ companyUuid: companies.sub }), ['/companyUuid']);
    expectFaultsAt(await create({ companyUuid: companies.sibling, role: 'owner' }), [
      '/companyUuid',
      '/role',
    ]);
    expectFaultsAt(await create({ companyUuid: companies.root, visibility: 'subtree' }), ['/visibility']);
    const answer = await create({ companyUuid: companies.root });
    expect(answer.json()).toMatchObject({
      data: { attributes: { companyUuid: companies.root, visibility: 'company' } },
    });
    const at = `/users/${user.id}`;
    expectFaultsAt(await call('PATCH', at, { visibility: 'subtree' }), ['/visibility']);
    expectFaultsAt(await call('PATCH', at, { companyUuid: null }), ['/companyUuid']);
    expectFaultsAt(await call('PATCH', at, { companyUuid: companies.sibling }), ['/companyUuid']);
  });

  it('keeps the company from being deleted, and is no owner', async () => {
    const { call } = await aSignedIn(app, own);
    expectRefused(await call('DELETE', `/api/cpoapi/v1/companies/${companies.sibling}`), {
      code: 'conflict',
      detail: 'There are users that are bound to this company.',
    });
    const ownerOf = creation({ role: 'owner', companyUuid: companies.root });
    expectFaultsAt(await call('POST', '/users', ownerOf), ['/companyUuid']);
    expectFaultsAt(await call('PATCH', `/users/${users['sibling']?.id}`, { role: 'owner' }), [
      '/companyUuid',
    ]);
  });

  it('is bound elsewhere or nowhere by who may', async () => {
    const { call } = await aSignedIn(app, own);
    const { id } = await bound('viewer', { companyId: companies.root, withSubordinates: false });
    const after = async (change: object) => {
      const { attributes } = (await call('PATCH', `/users/${id}`, change)).json<Single>().data;
      return [attributes['companyUuid'], attributes['visibility']];
    };
    expect(await after({ companyUuid: companies.sibling })).toEqual([companies.sibling, 'company']);
    expect(await after({ visibility: 'subtree' })).toEqual([companies.sibling, 'subtree']);
    expect(await after({ firstName: 'Same' })).toEqual([companies.sibling, 'subtree']);
    expect(await after({ companyUuid: null })).toEqual([null, null]);
    expect(await after({ companyUuid: companies.sub })).toEqual([companies.sub, 'subtree']);
  });
});
