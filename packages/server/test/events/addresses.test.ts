import { describe, expect, it } from 'vitest';
import { isOfTheInternet } from '../../src/events/addresses.ts';

describe('an address', () => {
  it.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:2800:220:1:248:1893:25c8:1946'])(
    'of the internet: %s',
    (address) => {
      expect(isOfTheInternet(address)).toBe(true);
    },
  );

  it.each([
    ['this host', '0.0.0.0'],
    ['loopback', '127.0.0.1'],
    ['loopback, another', '127.255.255.254'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['link-local: metadata of clouds', '169.254.169.254'],
    ['shared by carriers', '100.64.0.1'],
    ['documentation', '203.0.113.7'],
    ['benchmarks', '198.19.0.1'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['unique local', 'fd12:3456::1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['Teredo', '2001::1'],
    ['6to4 of 127.0.0.1', '2002:7f00:1::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped loopback, hexadecimal', '::ffff:7f00:1'],
    ['mapped, in full', '0:0:0:0:0:ffff:a9fe:a9fe'],
    ['compatible loopback', '::127.0.0.1'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['NAT64 of its own', '64:ff9b:1::808:808'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('not of the internet (%s): %s', (_what, address) => {
    expect(isOfTheInternet(address)).toBe(false);
  });

  it.each(['::ffff:8.8.8.8', '64:ff9b::808:808'])('that means one of the internet: %s', (address) => {
    expect(isOfTheInternet(address)).toBe(true);
  });
});
