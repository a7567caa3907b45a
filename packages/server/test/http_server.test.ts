import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ErrorDocument } from '@chargeyard/contract/json_api';
import { Check } from 'typebox/value';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pino } from 'pino';
import { createHttpServer } from '../src/http_server.ts';
import { newId } from '../src/ids.ts';
import { testApp } from './test_app.ts';

const app = testApp();

/** Sends bytes as they are and answers all that comes back until the server closes the connection. */
function sendBytes(bytes: string, port = app.port): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost');
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...body] = received.split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), body: body.join('\r\n\r\n') });
    });
    socket.write(bytes);
  });
}

describe('a body that does not come', () => {
  it('is not waited for', async () => {
    const log = pino({ level: 'silent' });
    const server = createHttpServer({ log, newId, trustedProxies: [], slowestBodyMs: 50 });
    onTestFinished(() => server.close());
    server.post('/here', async () => 'here');
    await server.listen({ port: 0 });
    const { port } = server.server.address() as AddressInfo;
    const head = 'POST /here HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n';
    expect((await sendBytes(`${head}Connection: close\r\n\r\nbody`, port)).body).toBe('here');
    const { status, body } = await sendBytes(`${head}\r\nbod`, port);
    expect(status).toBe(408);
    expect(Check(ErrorDocument, JSON.parse(body))).toBe(true);
  });
});

describe('what is no HTTP request', () => {
  it.each([
    ['bytes of another protocol', 'hello\r\n\r\n', 400],
    ['a header with a NUL', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
    ['a path with a space', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an unknown transfer coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'an Authorization header of 40 kB',
      `GET /api/cpoapi/v1/charging_stations/ HTTP/1.1\r\nHost: a\r\nAuthorization: ${'a'.repeat(40_000)}\r\n\r\n`,
      431,
    ],
    ['a path of 40 kB', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('%s is refused in JSON:API’s form, and the server goes on', async (_what, bytes, status) => {
    const answer = await sendBytes(bytes);
    expect(answer.status).toBe(status);
    expect(Check(ErrorDocument, JSON.parse(answer.body))).toBe(true);
    expect((await app.ask('/health/live')).status).toBe(200);
  });
});

describe('an offer to change to another protocol (RFC 9110 §7.8)', () => {
  it('is passed over, as of curl --http2 and of Java', async () => {
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    };
    expect((await app.ask('/health/live', { headers })).status).toBe(200);
  });
});

describe('a Host header that is no host', () => {
  it.each(['a"b', 'a/../b', 'a b', '', 'user@host'])('is 400: %j', async (host) => {
    expect(
      (await sendBytes(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status,
    ).toBe(400);
  });
});

describe('a request without Host', () => {
  it('is 400 in HTTP/1.1 (RFC 9112 §3.2)', async () => {
    expect((await sendBytes('GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n')).status).toBe(400);
  });

  it('is answered in HTTP/1.0, which knows no Host', async () => {
    const answer = await sendBytes('GET /health/live HTTP/1.0\r\n\r\n');
    expect(answer).toEqual({ status: 200, body: '{"status":"live"}' });
  });
});

describe('every answer', () => {
  it.each([
    '/health/live',
    '/none',
    '/%zz',
    '/token',
    '/api/cpoapi/v1/charging_stations',
    '/.well-known/jwks.json',
  ])('%s has an X-Request-Id that the log knows', async (path) => {
    const { headers } = await app.ask(path);
    const id = headers['x-request-id'];
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(app.logged.some((line) => line.includes(`"reqId":"${String(id)}"`))).toBe(true);
  });
});

describe('the log of requests', () => {
  it('has method, path and status, and nothing of the query string', async () => {
    const { headers } = await app.ask('/none?client_secret=hidden&a=b', { method: 'POST' });
    const lines = app.logged.filter((line) => line.includes(String(headers['x-request-id'])));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ method: 'POST', path: '/none', status: 404, msg: 'request' }),
    ]);
    expect(app.logged.join('\n')).not.toContain('hidden');
  });
});

describe('a station’s URL', () => {
  it('asked over plain HTTP is 426 and says what it is for (RFC 9110 §15.5.22)', async () => {
    const answer = await app.ask('/ocpp/cp_1');
    expect({ status: answer.status, upgrade: answer.headers.upgrade, text: answer.text }).toEqual({
      status: 426,
      upgrade: 'websocket',
      text: 'This URL is for charging stations: open a WebSocket with the subprotocol ocpp1.6.\n',
    });
  });
});
