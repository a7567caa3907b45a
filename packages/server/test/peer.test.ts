import { describe, expect, it } from 'vitest';
import { peerBehind } from '../src/peer.ts';

const peerOf = peerBehind({
  trustedProxies: ['10.0.0.0/8', '::1'],
  clientCertificateHeader: 'X-Client-DN',
});
const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ headers: { host: 'inner:8080', ...headers }, socket: { remoteAddress } }) as unknown as Parameters<
    typeof peerOf
  >[0];

describe('the peer of a handshake', () => {
  it.each([
    ['a trusted proxy', '10.1.2.3', 'demo.charging.example', 'demo.charging.example'],
    ['a trusted IPv6 proxy', '::1', 'demo.charging.example', 'demo.charging.example'],
    [
      'the nearest of several proxies',
      '10.1.2.3',
      'forged.example, demo.charging.example',
      'demo.charging.example',
    ],
    ['nobody that is trusted', '192.0.2.1', 'forged.example', 'inner:8080'],
  ])('asked the host that %s forwards', (_who, peer, forwarded, host) => {
    expect(peerOf(request(peer, { 'x-forwarded-host': forwarded })).host).toBe(host);
  });

  it('asked the host itself behind a trusted proxy that forwards none', () => {
    expect(peerOf(request('10.1.2.3')).host).toBe('inner:8080');
  });

  it.each([
    ['192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['10.1.2.3', '198.51.100.7, 192.0.2.9', '192.0.2.9'],
    ['10.1.2.3', '198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['10.1.2.3', '198.51.100.7, nonsense, 10.9.9.9', '10.9.9.9'],
    ['10.1.2.3', '192.0.2.9:54321', '192.0.2.9'],
    ['10.1.2.3', '[2001:db8::1]:443', '2001:db8::1'],
    ['10.1.2.3', undefined, '10.1.2.3'],
  ])('%s that forwards %s has the address %s', (peer, forwarded, address) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    expect(peerOf(request(peer, headers)).address).toBe(address);
  });

  it.each([
    ['10.1.2.3', 'https', true],
    ['10.1.2.3', 'wss', true],
    ['10.1.2.3', 'https, http', false],
    ['10.1.2.3', undefined, false],
    ['192.0.2.1', 'https', false],
  ])('%s that forwards the scheme %s: over TLS is %s', (peer, scheme, isEncrypted) => {
    const headers = scheme === undefined ? {} : { 'x-forwarded-proto': scheme };
    expect(peerOf(request(peer, headers)).isEncrypted).toBe(isEncrypted);
  });

  it('has the certificate that a trusted proxy forwards in the header of that name, and in no other', () => {
    const certificateOf = (peer: string, headers: Record<string, string>) =>
      peerOf(request(peer, headers)).clientCertificate;
    expect(certificateOf('10.1.2.3', { 'x-client-dn': 'CN=cp_1' })).toEqual({
      commonName: 'cp_1',
      owners: [],
    });
    expect(certificateOf('10.1.2.3', { 'x-forwarded-client-cert': 'Subject="CN=cp_1"' })).toBeUndefined();
    expect(certificateOf('192.0.2.1', { 'x-client-dn': 'CN=cp_1' })).toBeUndefined();
    const withoutHeader = peerBehind({ trustedProxies: ['10.0.0.0/8'], clientCertificateHeader: undefined });
    const forged = request('10.1.2.3', { 'x-client-dn': 'CN=cp_1', undefined: 'CN=cp_1' });
    expect(withoutHeader(forged).clientCertificate).toBeUndefined();
  });
});
