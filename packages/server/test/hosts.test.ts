import { describe, expect, it } from 'vitest';
import { tenantSlugOfHost } from '../src/hosts.ts';

describe('tenantSlugOfHost', () => {
  it.each([
    ['demo.localhost', 'localhost', 'demo'],
    ['demo.localhost:8080', 'localhost', 'demo'],
    ['DEMO.LocalHost:8080', 'localhost', 'demo'],
    ['demo.charging.example', 'charging.example', 'demo'],
    ['a-b.charging.example:443', 'charging.example', 'a-b'],
  ])('%s below %s is the tenant %s', (host, baseDomain, slug) => {
    expect(tenantSlugOfHost(host, baseDomain)).toBe(slug);
  });

  it.each([
    [undefined, 'localhost'],
    ['', 'localhost'],
    ['localhost', 'localhost'],
    ['localhost:8080', 'localhost'],
    ['.localhost', 'localhost'],
    ['127.0.0.1:8080', 'localhost'],
    ['[::1]:8080', 'localhost'],
    ['[::1]', 'localhost'],
    ['demolocalhost', 'localhost'],
    ['demo.localhost.example', 'localhost'],
    ['example', 'charging.example'],
    ['demo.example', 'charging.example'],
    ['xcharging.example', 'charging.example'],
  ])('%s beside or at %s is the bare host', (host, baseDomain) => {
    expect(tenantSlugOfHost(host, baseDomain)).toBeUndefined();
  });

  it('a name more than one label below the base domain is no tenant that could exist, and not the bare host', () => {
    expect(tenantSlugOfHost('a.demo.localhost', 'localhost')).toBe('a.demo');
  });

  it('a fully qualified name with its final dot is the same host (RFC 1034 §3.1)', () => {
    expect(tenantSlugOfHost('demo.charging.example.', 'charging.example')).toBe('demo');
    expect(tenantSlugOfHost('demo.charging.example.:8080', 'charging.example')).toBe('demo');
  });
});
