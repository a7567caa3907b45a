// Wrong passwords of stations make an identity wait where they came from, and an address for all identities.

import { describe, expect, it } from 'vitest';
import { createPasswordThrottle } from '../../src/ocpp/password_throttle.ts';
import { aClock } from '../test_app.ts';
import { anAccess, aStation, basic, handshake, password, testGateway } from './test_gateway.ts';
import { hashedStationPassword } from '../../src/domain/index.ts';

const at = (address: string, identity = 'cp_1', slug = 'demo') => ({ slug, identity, address });

function aThrottle() {
  const clock = aClock();
  const throttle = createPasswordThrottle(clock);
  const fail = (place: ReturnType<typeof at>, times: number) => {
    for (let n = 0; n < times; n += 1) throttle.failed(place);
  };
  return { ...throttle, clock, fail };
}

describe('an identity', () => {
  it('waits after five failures, twice as long each time, a minute at most', () => {
    const { waitMs, fail } = aThrottle();
    const waits = [];
    for (let n = 0; n < 14; n += 1) {
      waits.push(waitMs(at('192.0.2.1')));
      fail(at('192.0.2.1'), 1);
    }
    const seconds = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60];
    expect(waits).toEqual(seconds.map((each) => each * 1000));
  });

  it('waits nowhere else, so that nobody can keep a station away', () => {
    const { waitMs, fail } = aThrottle();
    fail(at('192.0.2.1'), 50);
    expect(waitMs(at('192.0.2.2'))).toBe(0);
    expect(waitMs(at('192.0.2.1', 'cp_1', 'other'))).toBe(0);
  });

  it('waits in the whole network of an IPv6 address, which has no end of them', () => {
    const { waitMs, fail } = aThrottle();
    fail(at('2001:db8:1:2::1'), 6);
    expect(waitMs(at('2001:db8:1:2:ffff::9'))).toBe(2_000);
    expect(waitMs(at('2001:db8:1:3::1'))).toBe(0);
  });

  it('waits no longer once its password was right', () => {
    const { waitMs, fail, succeeded } = aThrottle();
    fail(at('192.0.2.1'), 6);
    succeeded(at('192.0.2.1'));
    expect(waitMs(at('192.0.2.1'))).toBe(0);
  });
});

describe('an address', () => {
  it('waits after a hundred failures, whatever the identities', () => {
    const { waitMs, fail } = aThrottle();
    for (let n = 0; n < 100; n += 1) fail(at('192.0.2.1', `cp_${n}`), 1);
    expect(waitMs(at('192.0.2.1', 'another'))).toBe(1_000);
    expect(waitMs(at('192.0.2.2', 'another'))).toBe(0);
  });

  it('lets those in without waiting that were let in from it before', () => {
    const { waitMs, fail, succeeded } = aThrottle();
    succeeded(at('192.0.2.1', 'known'));
    for (let n = 0; n < 200; n += 1) fail(at('192.0.2.1', `cp_${n}`), 1);
    expect(waitMs(at('192.0.2.1', 'known'))).toBe(0);
    expect(waitMs(at('192.0.2.1', 'another'))).toBe(60_000);
    fail(at('192.0.2.1', 'known'), 6);
    expect(waitMs(at('192.0.2.1', 'known'))).toBe(2_000);
  });
});

describe('a handshake', () => {
  it('with too many wrong passwords before is 429 with Retry-After, also with the right one, and is not looked up', async () => {
    const clock = aClock();
    let lookUps = 0;
    const station = aStation({ securityProfile: 1, passwordHash: hashedStationPassword(password) });
    let address = '192.0.2.1';
    const server = await testGateway({
      clock,
      peerOf: () => ({ host: 'demo.localhost', address, isEncrypted: false, clientCertificate: undefined }),
      findStationAccess: async () => {
        lookUps += 1;
        return anAccess({ station });
      },
    });
    const come = (secret: string) =>
      handshake(server, '/ocpp/locked-1', { Authorization: basic('locked-1', secret) });
    for (let n = 0; n < 5; n += 1) expect((await come('a-wrong-password')).status).toBe(401);
    const refused = await come(password);
    expect({ status: refused.status, retryAfter: refused.headers['retry-after'], lookUps }).toEqual({
      status: 429,
      retryAfter: '1',
      lookUps: 5,
    });
    address = '192.0.2.2';
    expect((await come(password)).status).toBe(101);
    address = '192.0.2.1';
    clock.moveBy(1_000);
    expect((await come(password)).status).toBe(101);
  });

  it('without a password is no guess', async () => {
    const server = await testGateway();
    for (let n = 0; n < 20; n += 1) {
      expect((await handshake(server, '/ocpp/demo/locked-1')).status).toBe(401);
    }
  });
});
