// `npm run demo` as a newcomer meets it: what it prints is done to the letter.

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, describe, it } from 'vitest';
import { anInstallation, chargeyard } from '../chargeyard_process.ts';
import type { ChargeyardProcess, Installation } from '../chargeyard_process.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await anInstallation();
});
afterAll(() => installation.remove());

/** Does what curl does with a printed line: method, URL and header as they stand there; *.localhost is this machine. */
function curl(line: string, replace: (text: string) => string = (text) => text): Promise<string> {
  const [, method, url] = /--request (\w+) '([^']+)'/.exec(line) ?? [];
  const [, name = '', value = ''] = /--header '([^:]+): ([^']+)'/.exec(line) ?? [];
  const { port, host, pathname, search } = new URL(url ?? '');
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: 'localhost', port, path: pathname + search, method, headers: { host, [name]: replace(value) } },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve(body));
      },
    );
    sent.on('error', reject).end();
  });
}

/** Asks for the session as it was printed: with a body signs in as the owner, with a cookie asks who that is. */
async function askSession(
  { output }: ChargeyardProcess,
  cookie?: string,
): Promise<{ status: number; cookie: string }> {
  const [, url = '', body = ''] = /'(http\S+\/session)' \\\n.*--data '([^']+)'/.exec(output().stdout) ?? [];
  const { port, host, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const [method, headers] =
      cookie === undefined ? ['POST', { 'content-type': 'application/json' }] : ['GET', { cookie }];
    const options = { host: 'localhost', port, path: pathname, method, headers: { host, ...headers } };
    const sent = request(options, (response) => {
      const [given = ''] = response.headers['set-cookie'] ?? [];
      response
        .resume()
        .on('end', () => resolve({ status: response.statusCode ?? 0, cookie: given.split(';')[0] ?? '' }));
    });
    sent.on('error', reject).end(cookie === undefined ? body : undefined);
  });
}

const signedIn = async (demo: ChargeyardProcess) => (await askSession(demo)).status;
const cookieOf = async (demo: ChargeyardProcess) => (await askSession(demo)).cookie;
const whoAmI = async (demo: ChargeyardProcess, cookie: string) => (await askSession(demo, cookie)).status;

async function started(): Promise<{ demo: ChargeyardProcess; token: string; list: string }> {
  const demo = chargeyard(['demo'], installation.environment);
  await demo.printed(/Ctrl-C stops everything/);
  const [token = '', list = ''] = demo.output().stdout.match(/^curl .*\\\n.*$/gm) ?? [];
  return { demo, token, list };
}

const passwordOf = ({ output }: ChargeyardProcess) => /^ +password +(\S+)$/m.exec(output().stdout)?.[1];

async function stopped({ child, exitCode }: ChargeyardProcess) {
  child.kill('SIGINT');
  expect(await exitCode).toBe(0);
}

describe('the demo', () => {
  it('shows ten booted stations to the two printed calls, and the same ones after a restart', async () => {
    const first = await started();
    const { access_token: accessToken } = JSON.parse(await curl(first.token)) as { access_token: string };
    const page = JSON.parse(await curl(first.list, () => accessToken)) as {
      data: { id: string; attributes: Record<string, string> }[];
      meta: { pagination: { total: number } };
    };
    expect(page.meta.pagination.total).toBe(10);
    expect(page.data.map(({ attributes }) => attributes['label'])).toEqual(
      Array.from({ length: 10 }, (_, at) => `Station ${at + 1}`),
    );
    for (const name of ['iccid', 'imsi', 'serialnumber', 'firmwareVersion']) {
      const values = page.data.map(({ attributes }) => attributes[name]);
      expect(new Set(values).size, name).toBe(10);
      expect(values, name).not.toContain(null);
    }
    expect(page.data.map(({ attributes }) => attributes['connectionStatus'])).toEqual(
      Array(10).fill('online'),
    );
    const file = await stat(join(installation.environment['CHARGEYARD_DATA'] ?? '', 'demo.env'));
    expect(file.mode & 0o777).toBe(0o600);
    expect(await signedIn(first.demo)).toBe(200);
    await stopped(first.demo);

    const second = await started();
    expect(second.token).toBe(first.token);
    expect(passwordOf(second.demo)).toBe(passwordOf(first.demo));
    expect(await signedIn(second.demo)).toBe(200);
    const again = JSON.parse(await curl(second.list, () => accessToken)) as typeof page;
    expect(again.data.map(({ id }) => id)).toEqual(page.data.map(({ id }) => id));
    const signedInBefore = await cookieOf(second.demo);
    expect(await whoAmI(second.demo, signedInBefore)).toBe(200);
    await stopped(second.demo);

    // Without its notes it gives the owner a new password, which ends what was begun with the old one.
    await rm(join(installation.environment['CHARGEYARD_DATA'] ?? '', 'demo.env'));
    const third = await started();
    expect(passwordOf(third.demo)).not.toBe(passwordOf(first.demo));
    expect(await whoAmI(third.demo, signedInBefore)).toBe(401);
    expect(await signedIn(third.demo)).toBe(200);
    await stopped(third.demo);
  }, 90_000);
});
