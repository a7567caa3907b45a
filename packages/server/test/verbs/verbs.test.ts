import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anInstallation, chargeyard, run } from '../chargeyard_process.ts';
import type { Installation } from '../chargeyard_process.ts';

let installation: Installation;
const verb = (...args: string[]) => run(args, installation.environment);
const inJson = async (...args: string[]) =>
  JSON.parse((await verb(...args, '--json')).stdout) as Record<string, never>;

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
  }, 60_000);

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
    [['station', 'create', '--tenant', 'acme'], "required option '--identity"],
  ])('refuses %j in a sentence and ends with 1', async (args, sentence) => {
    const { code, stdout, stderr } = await verb(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m); // a stack
  });

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
