import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  aStation,
  anAccess,
  basic,
  gate,
  handshake,
  handshakeHeaders,
  password,
  testGateway,
  testStation,
} from './test_gateway.ts';

const bare = 'localhost';
const demo = 'demo.localhost:8080';

describe('handshake: paths and hosts', () => {
  it.each([
    ['/ocpp/open-1', demo, 101],
    ['/ocpp/open-1/', demo, 101],
    ['/ocpp/open%2D1', demo, 101],
    ['/ocpp/open-1?token=x', demo, 101],
    ['/ocpp/demo/open-1', bare, 101],
    ['/ocpp/demo/open-1/', bare, 101],
    ['/ocpp/demo/open-1', demo, 101],
    ['/ocpp/cp/socket/16/open-1', demo, 101],
    ['/ocpp/open-1', bare, 404],
    ['/ocpp/other/elsewhere-1', demo, 404],
    ['/ocpp/elsewhere-1', demo, 404],
    ['/ocpp/nobody', demo, 404],
    ['/ocpp/nowhere/open-1', bare, 404],
    ['/ocpp/DEMO/open-1', bare, 404],
    ['/ocpp/open-1%00', demo, 404],
    ['/ocpp/open%2F1', demo, 404],
    [`/ocpp/${'x'.repeat(300)}`, demo, 404],
    ['/ocpp/open-1%', demo, 400],
    ['/ocpp/%C3%28', demo, 400],
    ['/ocpp//open-1', demo, 101],
    ['//ocpp/demo//open-1//', bare, 101],
    ['ws://demo.localhost:8080/ocpp/open-1', demo, 101],
    ['/ocpp/cp/socket/16//open-1', demo, 101],
    ['/ocpp/', demo, 404],
    ['/ocpp', demo, 404],
    ['/', demo, 404],
    ['/ocppx/open-1', demo, 404],
    ['/ocpp/a/b/c', demo, 404],
    ['/ocpp/cp/socket/20/open-1', demo, 404],
    ['/ocpp/cp/socket/16/open-1/x', demo, 404],
  ])('%s on %s answers %i', async (path, host, status) => {
    const server = await testGateway();
    expect((await handshake(server, path, { Host: host })).status).toBe(status);
  });

  it('1.6J 3.2 refuses an unknown identity with a complete HTTP answer and ends the connection', async () => {
    const server = await testGateway();
    const answer = await handshake(server, '/ocpp/demo/nobody');
    expect(answer).toEqual({
      status: 404,
      headers: {
        connection: 'close',
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(answer.body.length),
      },
      body: expect.stringMatching(/^There is no charging station of this identity here\..*\n$/),
    });
  });
});

describe('handshake: authentication', () => {
  it.each([
    ['the identity as user name', '/ocpp/demo/locked-1', bare, basic('locked-1', password), 101],
    ['the tenant as user name', '/ocpp/demo/locked-1', bare, basic('demo', password), 101],
    [
      'the scheme in lower case',
      '/ocpp/locked-1',
      demo,
      basic('demo', password).replace('Basic', 'basic'),
      101,
    ],
    ['a wrong password', '/ocpp/demo/locked-1', bare, basic('locked-1', 'wrong'), 401],
    ['another user name', '/ocpp/demo/locked-1', bare, basic('open-1', password), 401],
    ['no colon', '/ocpp/demo/locked-1', bare, 'Basic bG9ja2Vk', 401],
    ['another scheme', '/ocpp/demo/locked-1', bare, 'Bearer abc', 401],
    ['an empty header', '/ocpp/demo/locked-1', bare, '', 401],
    ['a password that is not needed', '/ocpp/demo/open-1', bare, basic('open-1', 'any'), 101],
    [
      "be.ENERGISED's path, tenant by user name",
      '/ocpp/cp/socket/16/locked-1',
      bare,
      basic('demo', password),
      101,
    ],
    ["be.ENERGISED's path, wrong password", '/ocpp/cp/socket/16/locked-1', bare, basic('demo', 'wrong'), 401],
    [
      "be.ENERGISED's path, unknown tenant",
      '/ocpp/cp/socket/16/locked-1',
      bare,
      basic('nowhere', password),
      404,
    ],
    [
      "be.ENERGISED's path, identity on its host",
      '/ocpp/cp/socket/16/locked-1',
      demo,
      basic('locked-1', password),
      101,
    ],
  ])('RFC 7617: %s', async (_what, path, host, authorization, status) => {
    const server = await testGateway();
    const answer = await handshake(server, path, { Host: host, Authorization: authorization });
    expect(answer.status).toBe(status);
  });

  it.each(['/ocpp/demo/locked-1', '/ocpp/cp/socket/16/locked-1'])(
    'asks for credentials on %s when there are none',
    async (path) => {
      const server = await testGateway();
      const answer = await handshake(server, path);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="chargeyard", charset="UTF-8"');
    },
  );

  it('never logs a password, a header or a query string', async () => {
    const server = await testGateway();
    await handshake(server, '/ocpp/demo/locked-1?key=query-secret', {
      Authorization: basic('locked-1', 'pass-secret'),
    });
    await handshake(server, '/ocpp/demo/locked-1', { Authorization: basic('locked-1', password) });
    const log = server.logLines.join('');
    expect(log).toContain('station refused');
    for (const secret of ['query-secret', 'pass-secret', password, basic('locked-1', password).slice(6)]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('handshake: subprotocol', () => {
  it('1.6J 3.1.2 takes the first of the offered ones that it speaks', async () => {
    const server = await testGateway();
    const station = await testStation(server, undefined, {
      subprotocols: ['ocpp2.0.1', 'ocpp1.6', 'ocpp1.5'],
    });
    expect(station.webSocket.protocol).toBe('ocpp1.6');
  });

  it.each([{ 'Sec-WebSocket-Protocol': 'ocpp1.5' }, { 'Sec-WebSocket-Protocol': 'OCPP1.6' }, {}])(
    '1.6J 3.2 completes the handshake without a subprotocol and closes at once with 1002: %j',
    async (offer) => {
      const server = await testGateway();
      const socket = connect(server.port, '127.0.0.1');
      const headers = { ...handshakeHeaders, Host: bare, 'Sec-WebSocket-Protocol': undefined, ...offer };
      const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
      socket.write(
        `GET /ocpp/demo/open-1 HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`,
      );
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(socket, 'close');
      const bytes = Buffer.concat(chunks);
      const end = bytes.indexOf('\r\n\r\n');
      const head = bytes.subarray(0, end).toString();
      const frame = bytes.subarray(end + 4);
      expect(head).toMatch(/^HTTP\/1.1 101 /);
      expect(head.toLowerCase()).not.toContain('sec-websocket-protocol');
      expect(frame[0]).toBe(0x88);
      expect(frame.readUInt16BE(2)).toBe(1002);
      expect(frame.subarray(4).toString()).toBe('offer a supported subprotocol: ocpp1.6');
      expect(server.facts).toEqual([]);
    },
  );

  it('authenticates before it looks at subprotocols', async () => {
    const server = await testGateway();
    const answer = await handshake(server, '/ocpp/demo/locked-1', { 'Sec-WebSocket-Protocol': 'nonsense' });
    expect(answer.status).toBe(401);
  });
});

describe('handshake: HTTP', () => {
  it.each([
    ['another protocol', { Upgrade: 'h2c' }, 'GET', 426],
    ['another method', {}, 'POST', 426],
    ['a bad key', { 'Sec-WebSocket-Key': 'short' }, 'GET', 400],
    ['a bad version', { 'Sec-WebSocket-Version': '7' }, 'GET', 400],
    ['a bad list of subprotocols', { 'Sec-WebSocket-Protocol': 'ocpp1.6,,' }, 'GET', 400],
  ])('refuses %s', async (_what, headers, method, status) => {
    const server = await testGateway();
    expect((await handshake(server, '/ocpp/demo/open-1', headers, method)).status).toBe(status);
  });

  it('answers 503 with Retry-After when the look-up fails, and logs the cause', async () => {
    const server = await testGateway({ findStationAccess: () => Promise.reject(new Error('database away')) });
    const answer = await handshake(server, '/ocpp/demo/open-1');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('10');
    expect(answer.body).not.toContain('database away');
    expect(server.logLines.join('')).toContain('database away');
  });

  it.each(['resetAndDestroy', 'destroy', 'end'] as const)(
    'notices a client that is gone during the look-up (%s)',
    async (leave) => {
      const lookUp = gate();
      const asked = gate();
      const server = await testGateway({
        findStationAccess: async () => {
          asked.open();
          await lookUp.passed;
          return anAccess({ station: aStation() });
        },
      });
      const socket = connect(server.port, '127.0.0.1');
      const headers = Object.entries({ ...handshakeHeaders, Host: bare });
      socket.write(
        `GET /ocpp/demo/open-1 HTTP/1.1\r\n${headers.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`,
      );
      await asked.passed;
      socket[leave]();
      // A whole connection more: by then the server's event loop has seen the other one go.
      await handshake(server, '/nothing');
      lookUp.open();
      await handshake(server, '/nothing');
      expect(server.logLines.join('')).toContain('client was gone before its handshake ended');
      expect(server.facts).toEqual([]);
      expect(server.gateway.connectionCount()).toBe(0);
      socket.destroy();
    },
  );

  it('queues handshakes, and refuses those beyond the queue with 503 until it is shorter', async () => {
    const lookUp = gate();
    const allAsked = gate();
    let asked = 0;
    const server = await testGateway({
      mostUndecided: 3,
      random: () => 0.5,
      findStationAccess: async () => {
        asked += 1;
        if (asked === 3) allAsked.open();
        await lookUp.passed;
        return anAccess();
      },
    });
    const queued = [1, 2, 3].map(() => handshake(server, '/ocpp/demo/nobody'));
    await allAsked.passed;
    const refused = await handshake(server, '/ocpp/demo/nobody');
    expect([refused.status, refused.headers['retry-after'], asked]).toEqual([503, '25', 3]);
    lookUp.open();
    expect((await Promise.all(queued)).map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await handshake(server, '/ocpp/demo/nobody')).status).toBe(404);
  });

  it('refuses with 503 those that wait for the look-up when the gateway closes', async () => {
    const lookUp = gate();
    const asked = gate();
    const server = await testGateway({
      findStationAccess: async () => {
        asked.open();
        await lookUp.passed;
        return undefined;
      },
    });
    const answer = handshake(server, '/ocpp/demo/open-1');
    await asked.passed;
    await server.gateway.close();
    expect((await answer).status).toBe(503);
    lookUp.open();
    expect((await handshake(server, '/ocpp/demo/open-1')).status).toBe(503);
  });

  it('does not compress', async () => {
    const server = await testGateway();
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/ocpp/demo/open-1`, ['ocpp1.6'], {
      perMessageDeflate: true,
    });
    await once(webSocket, 'open');
    expect(webSocket.extensions).toBe('');
    webSocket.terminate();
  });
});
