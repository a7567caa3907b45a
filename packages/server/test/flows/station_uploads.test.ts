// Files that stations upload because a command asked them to, by HTTP as different stations do it, from the URL that they got
// to the download; two servers share the database.

import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aChargingStation, aCompany, aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { aTestedStation } from '../conformance_ocpp16/tested_station.ts';
import type { TestedStation } from '../conformance_ocpp16/tested_station.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { List, Single } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import type { AskedRequest, TestApp } from '../test_app.ts';

type Payload = Record<string, unknown>;

const app = testApp();
const another = testApp({ node: 'another' }, app);
const elsewhere = testApp({ node: 'elsewhere', publicUrl: 'https://csms.example' }, app);
let station: TestedStation;

beforeEach(async () => {
  station = await aTestedStation(app);
});

type Ordered = { readonly id: string; readonly url: string; readonly path: string };

/** Orders diagnostics without saying where to; answers the command and the URL that the station got. */
async function ordered(body: object = {}, answer: Payload = { fileName: 'told.zip' }): Promise<Ordered> {
  let url = '';
  station.client.handle('GetDiagnostics', async ({ params }) => {
    url = (params as { location: string }).location;
    return answer;
  });
  const done = await station.ask('POST', `/remote_commands/synchronous/${station.id}/get_diagnostics`, body);
  expect(done.status, done.text).toBe(200);
  return { id: done.json<Single>().data.id, url, path: new URL(url).pathname };
}

const put = (path: string, body: Buffer | string, more: AskedRequest = {}, to: TestApp = app) =>
  to.ask(path, { method: 'PUT', body, ...more });

const files = async (query = '') => (await station.ask('GET', `/station_files${query}`)).json<List>().data;
const download = (id: string) => station.ask('GET', `/station_files/${id}/content`);
const rowsOf = async (table: string) =>
  (await app.database.look<{ count: number }>(`select count(*)::int as count from ${table}`))[0]?.count;

function form(name: string | undefined, content: string, boundary = 'xYz'): AskedRequest {
  const fileName = name === undefined ? '' : `; filename="${name}"`;
  return {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: [
      `--${boundary}`,
      'Content-Disposition: form-data; name="serial"',
      '',
      'CP-1',
      `--${boundary}`,
      `Content-Disposition: form-data; name="file"${fileName}`,
      'Content-Type: application/gzip',
      '',
      content,
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  };
}

describe('an upload', () => {
  it('that is refused is timed no more: a server that is to end would wait for it', async () => {
    const { path } = await ordered();
    const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    try {
      const { headers = {} } = form('a', 'b');
      expect((await put(path, `--xYz\r\n${'a: b\r\n'.repeat(50_000)}`, { headers })).status).toBe(400);
      const hourLong = set.mock.calls.flatMap(([, ms], at) =>
        ms === 3_600_000 ? [set.mock.results[at]?.value] : [],
      );
      expect(hourLong).toHaveLength(1);
      expect(cleared.mock.calls.map(([timer]) => timer)).toContain(hourLong[0]);
    } finally {
      set.mockRestore();
      cleared.mockRestore();
    }
  });

  it('is refused where its tenant has many under way, and no other tenant’s is', async () => {
    const slow: ClientRequest[] = [];
    for (let count = 0; count < 20; count += 1) {
      const { path } = await ordered();
      slow.push(begun(app, path, Buffer.from('x'), 2));
    }
    await app.database.until(
      'select 1 from station_files where received_at is null and charging_station_id = $1 having count(*) = 20',
      [station.id],
    );
    const { path } = await ordered();
    expect(await put(path, 'x')).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    const first = station;
    station = await aTestedStation(app);
    expect((await put((await ordered()).path, 'x')).status).toBe(201);
    station = first;
    slow.pop()?.end('y');
    await vi.waitFor(async () => expect((await put(path, 'x')).status).toBe(201));
    for (const request of slow) request.destroy();
  });

  it('has its token in no log, whatever is asked there', async () => {
    const { path } = await ordered();
    for (const method of ['GET', 'PUT', 'PROPFIND']) await app.ask(path, { method, body: 'x' });
    const [, token = ''] = /uploads\/([\w-]+)/.exec(path) ?? [];
    expect(app.logged.join()).toContain('/ocpp/uploads/…');
    expect(app.logged.join()).not.toContain(token);
  });

  it('is shown, on its command too, and comes back byte by byte', async () => {
    const { id, url, path } = await ordered();
    expect(url).toMatch(new RegExp(`^${app.origin}/ocpp/uploads/[\\w-]{64}/$`));
    const content = randomBytes(1_000_000);
    const answer = await put(path, content, { headers: { 'content-type': 'application/zip; a=b' } });
    expect(answer.status, answer.text).toBe(201);
    const [file, ...others] = await files(`?filter[remoteCommandId]=${id}`);
    expect(others).toEqual([]);
    expect(file?.attributes).toMatchObject({
      cpId: station.id,
      remoteCommandId: id,
      name: 'told.zip',
      mediaType: 'application/zip',
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    const command = (await station.ask('GET', `/remote_commands/${id}?include=stationFiles`)).json<
      Single & { included: { id: string }[] }
    >();
    expect(command.included.map((each) => each.id)).toEqual([file?.id]);
    expect(command.data.attributes['notifications']).toEqual([
      {
        at: file?.attributes['receivedAt'],
        action: 'Upload',
        status: 'Received',
        connectorNumber: null,
        transactionId: null,
        info: 'told.zip',
        stationFileId: file?.id,
      },
    ]);
    const response = await fetch(`${app.origin}/api/cpoapi/v1/station_files/${file?.id}/content`, {
      headers: { authorization: await authorizationOf(station) },
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '1000000',
      'content-disposition': `attachment; filename="told.zip"; filename*=UTF-8''told.zip`,
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), content)).toBe(0);
    const below = (await station.ask('GET', `/cp/${station.id}/station_files`)).json<List>().data;
    expect(below.map((each) => each.id)).toEqual([file?.id]);
  });

  it.each([
    ['in the path', (path: string) => put(`${path}logs/a%20b.tgz`, 'x'), 'a b.tgz'],
    ['in the path, behind two slashes', (path: string) => put(`${path}/b.tgz`, 'x'), 'b.tgz'],
    ['in no place, with nothing but the URL', (path: string) => put(path.slice(0, -1), 'x'), 'told.zip'],
    ['in a form', (path: string) => app.ask(path, form('c \\"1\\".tgz', 'x')), 'c _1_.tgz'],
    ['in a form without a name', (path: string) => app.ask(path, form(undefined, 'x')), 'told.zip'],
    ['that leads out of a folder', (path: string) => app.ask(path, form('..\\..\\d.tgz', 'x')), 'd.tgz'],
    ['that is dots', (path: string) => put(`${path}%2e%2e%2f..`, 'x'), 'told.zip'],
  ])('takes the name %s', async (_where, send, name) => {
    const { path } = await ordered();
    const answer = await send(path);
    expect(answer.status, answer.text).toBe(201);
    const [file] = await files();
    expect(String(file?.attributes['name']).replaceAll('"', '_')).toBe(name);
    expect((await download(file?.id ?? '')).text).toBe('x');
  });

  it('keeps all bytes of a form’s file, also where they look like its end', async () => {
    const { path } = await ordered();
    const content = `\r\n--xY\r\n--xY--\r\n${'\r\n--xY'.repeat(100_000)}\r\n`;
    const { body = '', ...more } = form('f', content);
    expect((await app.ask(path, { ...more, body })).status).toBe(201);
    const [file] = await files();
    expect((await download(file?.id ?? '')).text).toBe(content);
  });

  it('comes in chunks of unknown length, and without a media type', async () => {
    const { path } = await ordered();
    const answer = await put(path, 'chunked', { headers: { 'transfer-encoding': 'chunked' } });
    expect(answer.status, answer.text).toBe(201);
    expect((await files())[0]?.attributes).toMatchObject({ size: 7, mediaType: null });
  });

  it('succeeds once', async () => {
    const { path } = await ordered();
    expect((await put(path, 'first')).status).toBe(201);
    expect((await put(path, 'second')).status).toBe(404);
    const [file, ...others] = await files();
    expect(others).toEqual([]);
    expect((await download(file?.id ?? '')).text).toBe('first');
  });

  it('is of a log, too, and the log’s limits go with it', async () => {
    let params: unknown;
    station.client.handle('GetLog', async (call) => {
      ({ params } = call);
      return { status: 'Accepted', filename: 'security.log' };
    });
    const log = { oldestTimestamp: '2026-01-01T00:00:00.000Z' };
    const body = { logType: 'SecurityLog', requestId: 7, log };
    const done = await station.ask('POST', `/remote_commands/synchronous/${station.id}/get_log`, body);
    expect(done.status, done.text).toBe(200);
    expect(params).toMatchObject({ log: { ...log, remoteLocation: expect.any(String) as string } });
    const { remoteLocation } = (params as { log: { remoteLocation: string } }).log;
    expect((await put(new URL(remoteLocation).pathname, 'x')).status).toBe(201);
    expect((await files())[0]?.attributes).toMatchObject({ name: 'security.log' });
  });
});

describe('a URL to upload to', () => {
  it('is told to nobody but the station', async () => {
    const { id, path } = await ordered();
    const token = path.split('/').at(-2) ?? '';
    expect(token).toHaveLength(64);
    await app.store.communicationWriter.flush();
    const command = await station.ask('GET', `/remote_commands/${id}`);
    const log = await station.ask('GET', '/communication_log?filter[action]=GetDiagnostics');
    expect(log.text).toContain('/ocpp/uploads/…');
    await put(path, 'x');
    const dump = await app.database.look('select u::text from station_uploads u');
    const all = [command.text, log.text, JSON.stringify(dump), ...app.logged].join('\n');
    expect(all).not.toContain(token);
  });

  it('is of the host that the configuration names', async () => {
    let url = '';
    station.client.handle('GetDiagnostics', async ({ params }) => {
      url = (params as { location: string }).location;
      return {};
    });
    const path = `/api/cpoapi/v1/remote_commands/synchronous/${station.id}/get_diagnostics`;
    const headers = { authorization: await authorizationOf(station) };
    expect((await elsewhere.ask(path, { method: 'POST', headers })).status).toBe(200);
    expect(url).toMatch(/^https:\/\/csms\.example\/ocpp\/uploads\/[\w-]{64}\/$/);
  });

  it('is told to a station that comes later, by the server that it comes to', async () => {
    await station.client.close();
    await vi.waitFor(async () => expect((await station.shownStation())['connectionStatus']).toBe('offline'));
    const path = `/api/cpoapi/v1/remote_commands/asynchronous/${station.id}/get_diagnostics`;
    const headers = { authorization: await authorizationOf(station) };
    expect((await elsewhere.ask(path, { method: 'POST', headers })).status).toBe(202);
    const told = new Promise<string>((resolve) => {
      station.client.handle('GetDiagnostics', async ({ params }) => {
        resolve((params as { location: string }).location);
        return {};
      });
    });
    await station.client.connect();
    const url = new URL(await told);
    expect(url.origin).toBe('https://csms.example');
    expect((await put(url.pathname, 'x')).status).toBe(201);
    expect(await files()).toHaveLength(1);
  });

  it('is another’s where the client names a place', async () => {
    const location = 'ftp://files.example.com/';
    const { url } = await ordered({ location });
    expect(url).toBe(location);
    expect(
      await rowsOf(`station_uploads u join remote_commands r on r.id = u.remote_command_id
      where r.charging_station_id = '${station.id}'`),
    ).toBe(0);
  });

  it('leads nowhere with another token, of whatever tenant', async () => {
    const { path } = await ordered();
    const token = path.split('/').at(-2) ?? '';
    const guess = `${token.slice(0, 22)}${randomBytes(32).toString('base64url').slice(0, 42)}`;
    const otherTenant = `${randomBytes(15).toString('base64url')}${token.slice(20)}`;
    for (const wrong of [guess, otherTenant, token.slice(1), 'x', '']) {
      expect((await put(`/ocpp/uploads/${wrong}`, 'x')).status, wrong).toBe(404);
    }
    expect((await put(path, 'x')).status).toBe(201);
  });

  it('ends a day after the command', async () => {
    const { path } = await ordered();
    await app.store.forgetUploads(new Date(Date.now() + 25 * 60 * 60_000));
    expect((await put(path, 'x')).status).toBe(404);
  });

  it('makes guessers wait', async () => {
    const answers = [];
    for (let at = 0; at < 22; at += 1) {
      answers.push(await put(`/ocpp/uploads/${randomBytes(48).toString('base64url')}`, 'x', {}, another));
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 20 }, () => 404), 429, 429]);
    expect(answers.at(-1)?.headers['retry-after']).toMatch(/^\d+$/);
  });
});

describe('an upload that fails', () => {
  it.each([
    ['too large, as it says itself', 413, { body: Buffer.alloc(3_000_001) }],
    [
      'too large, as it turns out',
      413,
      { body: Buffer.alloc(3_000_001), headers: { 'transfer-encoding': 'chunked' } },
    ],
    ['empty', 400, { body: '' }],
    [
      'a form without a file',
      400,
      { body: '--x--\r\n', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    ],
    [
      'a form that ends too soon',
      400,
      {
        body: '--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nabc\r\n--',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      },
    ],
  ])('because it is %s leaves nothing, and another may follow', async (_why, status, request) => {
    const parts = await rowsOf('station_file_parts');
    const { path } = await ordered();
    const answer = await app.ask(path, { method: 'POST', ...request }).catch(() => undefined);
    // Who sends on what is not taken may lose the answer.
    expect([status, undefined]).toContain(answer?.status);
    await vi.waitFor(async () => expect(await rowsOf('station_files where received_at is null')).toBe(0));
    expect(await rowsOf('station_file_parts')).toBe(parts);
    expect(await files()).toEqual([]);
    expect((await put(path, 'then')).status).toBe(201);
  });

  it('because the connection breaks leaves nothing, and another may follow', async () => {
    const { path } = await ordered();
    const broken = begun(app, path, Buffer.alloc(600_000), 900_000);
    await vi.waitFor(async () => expect(await rowsOf('station_files where received_at is null')).toBe(1));
    expect(await files()).toEqual([]);
    broken.destroy();
    await vi.waitFor(async () => expect(await rowsOf('station_files where received_at is null')).toBe(0));
    expect((await put(path, 'whole')).status).toBe(201);
    expect(await files()).toHaveLength(1);
  });

  it('because another of the same file begins is told so, also at another server', async () => {
    const { path } = await ordered();
    const first = begun(app, path, Buffer.alloc(300_000), 700_000);
    await vi.waitFor(async () => expect(await underWay()).toBe(1));
    const second = begun(elsewhere, path, Buffer.alloc(600_000, 'a'), 700_000);
    await vi.waitFor(async () => expect(await underWay()).toBe(2));
    first.end(Buffer.alloc(400_000));
    expect(await statusOf(first)).toBe(409);
    second.end(Buffer.alloc(100_000, 'a'));
    expect(await statusOf(second)).toBe(201);
    const [file, ...others] = await files();
    expect(others).toEqual([]);
    expect((await download(file?.id ?? '')).text).toBe('a'.repeat(700_000));
    await vi.waitFor(async () => expect(await rowsOf('station_files where received_at is null')).toBe(0));
  });

  it('because its server is lost is removed by housekeeping, or by the next', async () => {
    const { path } = await ordered();
    const token = path.split('/').at(-2) ?? '';
    const { tenantOfUploadToken, uploadTokenHash } = await import('../../src/domain/index.ts');
    const { newId } = await import('../../src/ids.ts');
    const tenantId = tenantOfUploadToken(token) ?? '';
    const upload = { tenantId, tokenHash: uploadTokenHash(token), fileId: newId() };
    expect(await app.store.stationUploads.begin(upload, new Date())).toBe(true);
    expect(await app.store.stationUploads.addPart(upload, 0, Buffer.from('x'))).toBe(true);
    await app.store.forgetUploads(new Date());
    const isThere = `station_file_parts where file_id = '${upload.fileId}'`;
    expect(await rowsOf(isThere)).toBe(1);
    expect((await put(path, 'then', {}, elsewhere)).status).toBe(201);
    expect(await rowsOf(isThere)).toBe(0);
  });
});

describe('an uploaded file', () => {
  it('is seen by whoever may see its station', async () => {
    const { path } = await ordered();
    await put(path, 'x');
    const [file] = await files();
    const stranger = await aCaller(app, (await aTenant(app.store)).id);
    expect((await stranger('GET', `/station_files/${file?.id}/content`)).status).toBe(404);
    const { tenantId } = await tenantOf(station);
    const companyId = await aCompany(app.store, tenantId);
    await aChargingStation(app.store, tenantId, { companyId });
    const bound = await anApiClient(app.store, tenantId, { company: { companyId, withSubordinates: true } });
    const authorization = `Bearer ${await anAccessToken(app.origin, bound)}`;
    const url = `/api/cpoapi/v1/station_files/${file?.id}`;
    for (const each of [url, `${url}/content`]) {
      expect((await app.ask(each, { headers: { authorization } })).status).toBe(404);
    }
  });

  it('goes with its station', async () => {
    const { path } = await ordered();
    await put(path, 'x');
    const [file] = await files();
    expect((await station.ask('DELETE', `/charging_stations/${station.id}`)).status).toBe(204);
    expect(await rowsOf(`station_file_parts where file_id = '${file?.id}'`)).toBe(0);
  });
});

/** Parts of uploads that are not complete. */
const underWay = () =>
  rowsOf('station_file_parts p join station_files f on f.id = p.file_id and f.received_at is null');

/** Begins an upload of a length, and sends a part of it. */
function begun(to: TestApp, path: string, part: Buffer, length: number) {
  const request = httpRequest({
    host: 'localhost',
    port: to.port,
    path,
    method: 'PUT',
    headers: { 'content-length': length },
    createConnection: ({ port }) => connect(Number(port), 'localhost'),
  });
  request.on('error', () => undefined);
  request.write(part);
  return request;
}

const statusOf = (request: ClientRequest) =>
  new Promise<number>((resolve) => {
    request.once('response', ({ statusCode = 0 }) => resolve(statusCode));
  });

async function tenantOf({ id }: TestedStation): Promise<{ tenantId: string }> {
  const [row] = await app.database.look<{ tenantId: string }>(
    'select tenant_id as "tenantId" from charging_stations where id = $1',
    [id],
  );
  return row ?? { tenantId: '' };
}

async function authorizationOf(of: TestedStation): Promise<string> {
  const client = await anApiClient(app.store, (await tenantOf(of)).tenantId);
  return `Bearer ${await anAccessToken(app.origin, client)}`;
}
