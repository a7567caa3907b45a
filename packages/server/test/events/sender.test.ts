// What is sent where, and what is not.

import { once } from 'node:events';
import { createServer, isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSender, whyNotTo } from '../../src/events/sender.ts';
import type { HostLookup } from '../../src/events/host_lookup.ts';
import type { Sender } from '../../src/events/sender.ts';
import { aReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

let receiver: Receiver;
const senders: Sender[] = [];

beforeAll(async () => {
  receiver = await aReceiver();
});
afterAll(async () => {
  for (const sender of senders) sender.close();
  await receiver.close();
});

const lookupOf =
  (...addresses: string[]): HostLookup =>
  async () =>
    addresses.map((address) => ({ address, family: isIP(address) }));

function send(url: string, options: { toPrivateNetworks?: boolean; lookup?: HostLookup } = {}) {
  const sender = createSender({ toPrivateNetworks: true, timeoutMs: 300, ...options });
  senders.push(sender);
  return sender.send({ url, headers: {}, body: '{}' }, new AbortController().signal);
}

describe('a message', () => {
  it('is taken with any 2xx', async () => {
    for (const status of [200, 202, 204]) {
      receiver.answer = () => status;
      expect(await send(receiver.url)).toEqual({ kind: 'taken' });
    }
  });

  it('is taken whatever comes after, which is not read on', async () => {
    receiver.answer = (_received, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
      return 200;
    };
    expect(await send(receiver.url)).toEqual({ kind: 'taken' });
  });

  it('is not taken with any other status, and no redirect is followed', async () => {
    receiver.answer = (_received, response) => {
      response.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
      return 307;
    };
    expect(await send(receiver.url)).toEqual({
      kind: 'failed',
      error: 'The receiver answered 307.',
      isGone: false,
    });
    expect([...receiver.taken, ...receiver.refused].map(({ path }) => path)).not.toContain('/elsewhere');
    receiver.answer = (_received, response) => {
      response.writeHead(503, { 'retry-after': '120' }).end();
      return 503;
    };
    expect(await send(receiver.url)).toMatchObject({ kind: 'failed', retryAfterSeconds: 120 });
    receiver.answer = () => 410;
    expect(await send(receiver.url)).toMatchObject({ kind: 'failed', isGone: true });
  });

  it('is not taken by who does not answer, or is not there', async () => {
    receiver.answer = () => undefined;
    expect(await send(receiver.url)).toEqual({
      kind: 'failed',
      error: 'There was no answer within 0.3 seconds.',
    });
    expect(await send('http://127.0.0.1:1/')).toEqual({ kind: 'failed', error: 'Nothing listens there.' });
  });

  it.each(['HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n', '?\r\n\r\n'])(
    'is not taken by who answers %j',
    async (answer) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined).once('data', () => socket.end(answer));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed' });
      server.close();
    },
  );
});

describe('where only the internet is allowed', () => {
  it.each([
    ['http://example.com/', 'Only https is allowed.'],
    ['https://127.0.0.1/', 'The address is not one of the internet.'],
    ['https://0x7f.1/', 'The address is not one of the internet.'],
    ['https://2130706433/', 'The address is not one of the internet.'],
    ['https://[::ffff:169.254.169.254]/', 'The address is not one of the internet.'],
    ['https://user:password@example.com/', 'The URL must not hold a user or a password.'],
    ['ftp://example.com/', 'This is no URL of a receiver.'],
  ])('%s is refused', async (url, why) => {
    expect(whyNotTo(url, { toPrivateNetworks: false })).toBe(why);
    expect(await send(url, { toPrivateNetworks: false })).toEqual({ kind: 'failed', error: why });
  });

  it('a name is refused that leads nowhere else', async () => {
    const notAllowed = { kind: 'failed', error: 'The address is not one of the internet.' };
    for (const address of ['127.0.0.1', '10.0.0.1', '::1', '169.254.169.254']) {
      const lookup = lookupOf(address);
      expect(await send('https://receiver.example/', { toPrivateNetworks: false, lookup })).toEqual(
        notAllowed,
      );
    }
  });

  it('a name is looked up once, and connected to where that was allowed', async () => {
    const asked: string[] = [];
    const lookup: HostLookup = async (host) => {
      asked.push(host);
      // The second time it would lead here.
      return [{ address: asked.length === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
    };
    const { port } = new URL(receiver.url);
    const url = `https://rebound.example:${port}/`;
    expect(await send(url, { toPrivateNetworks: false, lookup })).toMatchObject({ kind: 'failed' });
    expect(asked).toEqual(['rebound.example']);
  });
});
