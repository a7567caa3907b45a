import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstallation, chargeyard, run } from '../chargeyard_process.ts';
import type { Installation } from '../chargeyard_process.ts';

let installation: Installation;
const verb = (...args: string[]) => run(args, installation.environment);
const inJson = async (...args: string[]) =>
  JSON.parse((await verb(...args, '--json')).stdout) as Record<string, never>;

const userOptions = (...more: string[]) =>
  'user create --tenant acme --email new@example.com --first-name New --last-name User'
    .split(' ')
    .concat(more);

beforeAll(async () => {
  installation = await anInstallation();
});
afterAll(() => installation.remove());

describe('chargeyard', () => {
  it('makes tenant, company, API client and station while no server runs', async () => {
    const tenant = await verb('tenant', 'create', 'acme');
    expect(tenant).toMatchObject({ code: 0, stdout: expect.stringContaining('acme.localhost') });
    const parent = await inJson('company', 'create', '--tenant', 'acme', '--name', 'Parent');
    const child = await inJson(
      'company',
      'create',
      '--tenant',
      'acme',
      '--name',
      'Child',
      '--parent',
      'Parent',
    );
    expect(child).toMatchObject({ name: 'Child', parentId: parent['id'] });
    const client = await inJson(
      'api-client',
      'create',
      '--tenant',
      'acme',
      '--name',
      'One',
      '--company',
      'Parent',
    );
    expect(client).toMatchObject({
      clientId: expect.stringMatching(/^[a-z0-9]{26}$/),
      clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
      scopes: ['cpoapi:*'],
      company: { companyId: parent['id'], withSubordinates: true },
    });
    const station = ['station', 'create', '--tenant', 'acme', '--identity', 'cp_1', '--label', 'Station 1'];
    expect(await inJson(...station, '--company', 'Child')).toMatchObject({ companyId: child['id'] });
    const list = await verb('station', 'list', '--tenant', 'acme');
    expect(list.stdout).toMatch(/^cp_1 +Station 1 +no_communication/m);
    expect(await inJson('station', 'list', '--tenant', 'acme')).toMatchObject([
      { identity: 'cp_1', companyId: child['id'], modelId: null, securityProfile: 0, hasPassword: false },
    ]);
  }, 120_000);

  it('makes users, gives them passwords, and lists them', async () => {
    const create = ['user', 'create', '--tenant', 'acme', '--first-name', 'Jane', '--last-name', 'Doe'];
    const owner = await inJson(...create, '--email', 'owner@example.com', '--role', 'owner');
    expect(owner).toEqual({
      id: 1,
      email: 'owner@example.com',
      firstName: 'Jane',
      lastName: 'Doe',
      role: 'owner',
      company: null,
      isTechnician: false,
      password: expect.stringMatching(/^[\w-]{20}$/),
    });
    const bound = ['--email', 'tech@example.com', '--role', 'viewer', '--technician', '--company', 'Child'];
    const given = await run(
      [...create, ...bound, '--visibility', 'company', '--password-stdin'],
      installation.environment,
      'correct horse battery\n',
    );
    expect(given).toMatchObject({ code: 0, stdout: 'User tech@example.com created with the number 2.\n' });
    const list = (await inJson('user', 'list', '--tenant', 'acme')) as unknown as Record<string, unknown>[];
    expect(list).toMatchObject([
      { id: 1, email: 'owner@example.com', role: 'owner', companyId: null, hasPassword: true },
      { id: 2, email: 'tech@example.com', role: 'viewer', visibility: 'company', isTechnician: true },
    ]);
    expect(JSON.stringify(list)).not.toMatch(/argon2/);
    const table = await verb('user', 'list', '--tenant', 'acme');
    expect(table.stdout).toMatch(/^1 +owner@example\.com +Jane +Doe +owner +– +– +yes +no +yes$/m);
    const set = await inJson('user', 'set-password', 'OWNER@example.com', '--tenant', 'acme');
    expect(set).toMatchObject({ id: 1, password: expect.not.stringMatching(String(owner['password'])) });
  }, 120_000);

  it('lists tenants and API clients, and changes what only the operator may', async () => {
    const unlicensed = await inJson('tenant', 'update', 'acme', '--cpo-api-licensed', 'no');
    expect(unlicensed).toMatchObject({ slug: 'acme', cpoApiIsLicensed: false });
    expect(await inJson('tenant', 'list')).toMatchObject([
      { slug: 'acme', host: 'acme.localhost', cpoApiIsLicensed: false },
    ]);
    const kept = ['--communication-log-days', '7', '--meter-value-days', '3650'];
    expect(await inJson('tenant', 'update', 'acme', '--cpo-api-licensed', 'yes', ...kept)).toMatchObject({
      slug: 'acme',
      cpoApiIsLicensed: true,
      communicationLogDays: 7,
      meterValueDays: 3650,
    });
    expect((await verb('tenant', 'list')).stdout).toMatch(/^acme +acme\.localhost +yes$/m);
    const [client] = (await inJson('api-client', 'list', '--tenant', 'acme')) as unknown as Record<
      string,
      string
    >[];
    expect(client).toMatchObject({ name: 'One', scopes: ['cpoapi:*'], visibility: 'subtree' });
    expect(JSON.stringify(client)).not.toMatch(/sha256|secret/i);
    const rotated = await inJson(
      'api-client',
      'rotate-secret',
      client?.['clientId'] ?? '',
      '--tenant',
      'acme',
    );
    expect(rotated).toEqual({
      clientId: client?.['clientId'],
      clientSecret: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }, 120_000);

  it.each([
    [['tenant', 'create', 'acme'], 'There is a tenant "acme" already.'],
    [['tenant', 'create', 'No_Slug'], '"No_Slug" is no tenant slug'],
    [['station', 'list', '--tenant', 'nobody'], 'There is no tenant "nobody"'],
    [
      ['station', 'create', '--tenant', 'acme', '--identity', 'cp_1', '--label', 'x'],
      'There is a charging station with this identity already.',
    ],
    [
      ['station', 'create', '--tenant', 'acme', '--identity', 'cp 2', '--label', 'x'],
      'is no charging station identity',
    ],
    [
      ['station', 'create', '--tenant', 'acme', '--identity', 'cp_3', '--label', 'x', '--password', 'short'],
      '16 to 40',
    ],
    [
      ['company', 'create', '--tenant', 'acme', '--name', 'x', '--parent', 'nobody'],
      'There is no company "nobody"',
    ],
    [
      ['api-client', 'create', '--tenant', 'acme', '--name', 'x', '--scope', 'cpoapi:everything'],
      'There is no scope',
    ],
    [
      ['api-client', 'create', '--tenant', 'acme', '--name', 'x', '--visibility', 'company'],
      '--visibility goes with --company',
    ],
    [['api-client', 'delete', 'nobody', '--tenant', 'acme'], 'There is no API client "nobody"'],
    [['api-client', 'rotate-secret', 'nobody', '--tenant', 'acme'], 'There is no API client "nobody"'],
    [['tenant', 'update', 'acme', '--cpo-api-licensed', 'maybe'], '--cpo-api-licensed is yes or no.'],
    [['tenant', 'update', 'acme', '--meter-value-days', '3651'], '--meter-value-days is a whole number'],
    [['tenant', 'update', 'acme', '--communication-log-days', '0'], '--communication-log-days is a whole'],
    [['tenant', 'update', 'acme'], 'Say what to change'],
    [
      ['user', 'set-password', 'nobody@example.com', '--tenant', 'acme'],
      'There is no user "nobody@example.com"',
    ],
    [
      ['user', 'set-password', 'tech@example.com', '--tenant', 'acme', '--password-stdin'],
      'A password has 12 to 200',
    ],
    [['serve', '--workers', '0'], '--workers is a whole number from 1 to 64.'],
    [userOptions('--role', 'king'), '--role is one of owner, admin, operator, viewer.'],
    [userOptions('--role', 'owner', '--company', 'Child'), 'An owner owns the whole tenant'],
    [userOptions('--role', 'viewer', '--email', 'nobody'), '"nobody" is no email address.'],
    [
      userOptions('--role', 'viewer', '--email', 'Owner@example.com'),
      'There is a user with this email address',
    ],
    [['station', 'create', '--tenant', 'acme'], "required option '--identity"],
  ])('refuses %j in a sentence and ends with 1', async (args, sentence) => {
    const { code, stdout, stderr } = await verb(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m); // a stack
  });

  it('names all that is wrong with a user at once', async () => {
    const wrong = ['--email', 'nobody', '--first-name', ' ', '--role', 'king', '--company', 'none'];
    const created = await run(userOptions(...wrong, '--password-stdin'), installation.environment, 'short\n');
    expect({ code: created.code, lines: created.stderr.trim().split('\n') }).toEqual({
      code: 1,
      lines: [
        '"nobody" is no email address.',
        '--first-name has 1 to 100 characters.',
        '--role is one of owner, admin, operator, viewer.',
        'There is no company "none" in this tenant.',
        'A password has 12 to 200 characters.',
      ],
    });
    const set = await run(
      'user set-password nobody@example.com --tenant acme --password-stdin'.split(' '),
      installation.environment,
      'short\n',
    );
    expect({ code: set.code, lines: set.stderr.trim().split('\n') }).toEqual({
      code: 1,
      lines: [
        'There is no user "nobody@example.com" in tenant "acme".',
        'A password has 12 to 200 characters.',
      ],
    });
  }, 60_000);

  it('goes on to its end when nobody reads what it prints', async () => {
    const { child, exitCode, output } = chargeyard(
      ['company', 'create', '--tenant', 'acme', '--name', 'Unread'],
      installation.environment,
    );
    child.stdout?.destroy();
    expect({ code: await exitCode, ...output() }).toEqual({ code: 0, stdout: '', stderr: '' });
    const child2 = await verb(
      'company',
      'create',
      '--tenant',
      'acme',
      '--name',
      'Of it',
      '--parent',
      'Unread',
    );
    expect(child2.code).toBe(0);
  }, 60_000);

  it('names all mistakes of its environment at once', async () => {
    const { code, stderr } = await run(['serve'], {
      ...installation.environment,
      CHARGEYARD_PORT: 'x',
      CHARGEYARD_PROT: '1',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('CHARGEYARD_PORT must be a whole number');
    expect(stderr).toContain('CHARGEYARD_PROT is no variable');
  });
});

describe('chargeyard serve', () => {
  it('serves, tells how to begin, lets verbs work beside it, and stops in order at SIGTERM', async () => {
    const empty = await anInstallation();
    try {
      const server = chargeyard(['serve'], empty.environment);
      await server.printed(/npx chargeyard tenant create/);
      expect((await run(['tenant', 'create', 'beside'], empty.environment)).code).toBe(0);
      const ready = await fetch(`http://localhost:${empty.environment['CHARGEYARD_PORT']}/health/ready`);
      expect(await ready.json()).toEqual({ status: 'ready' });
      server.child.kill('SIGTERM');
      expect(await server.exitCode).toBe(0);

      const again = chargeyard(['serve'], empty.environment);
      await again.printed(/Chargeyard serves/);
      expect(again.output().stdout).not.toContain('tenant create');
      again.child.kill('SIGINT');
      expect(await again.exitCode).toBe(0);
    } finally {
      await empty.remove();
    }
  }, 60_000);

  it('says in a sentence that its port is taken, or its data folder in use', async () => {
    const other = await anInstallation();
    const taken = createServer().listen(Number(other.environment['CHARGEYARD_PORT']));
    await once(taken, 'listening');
    try {
      const refused = await run(['serve'], other.environment);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('The port is taken') });
      taken.close();
      await once(taken, 'close');

      const server = chargeyard(['serve'], other.environment);
      await server.printed(/Chargeyard serves/);
      const second = await run(['serve'], { ...other.environment, CHARGEYARD_PORT: '0' });
      expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('uses the data folder') });
      server.child.kill('SIGTERM');
      expect(await server.exitCode).toBe(0);
    } finally {
      await other.remove();
    }
  }, 60_000);
});
