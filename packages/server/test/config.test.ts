import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, variables } from '../src/config.ts';

/** Answers the mistakes that are told, one a line; [] when the environment is right. */
function mistakes(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, ...lines] = error.message.split('\n');
    return lines.map((line) => line.trim());
  }
}

describe('readConfig', () => {
  it('of nothing is the defaults, frozen', () => {
    const config = readConfig({});
    expect(config).toEqual({
      port: 8080,
      host: '::',
      dataFolder: resolve('data'),
      baseDomain: 'localhost',
      workers: 1,
      databaseUrl: undefined,
      databaseConnections: 10,
      trustedProxies: [],
      publicUrl: undefined,
      largestUploadBytes: 100_000_000,
      heartbeatSeconds: 300,
      rateLimit: { requests: 6000, seconds: 60 },
      webhooksToPrivateNetworks: false,
      node: hostname(),
      logLevel: undefined,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes every variable', () => {
    expect(
      readConfig({
        CHARGEYARD_PORT: '0',
        CHARGEYARD_TLS_PORT: '443',
        CHARGEYARD_TLS_CERTIFICATE: '/etc/chargeyard/tls.crt',
        CHARGEYARD_TLS_KEY: '/etc/chargeyard/tls.key',
        CHARGEYARD_TLS_CLIENT_CA: '/etc/chargeyard/stations.crt',
        CHARGEYARD_STATION_CA_CERTIFICATE: '/etc/chargeyard/station_ca.crt',
        CHARGEYARD_STATION_CA_KEY: '/etc/chargeyard/station_ca.key',
        CHARGEYARD_CLIENT_CERTIFICATE_HEADER: 'X-Client-Cert',
        CHARGEYARD_HOST: '127.0.0.1',
        CHARGEYARD_DATA: '/var/lib/charge yard',
        CHARGEYARD_BASE_DOMAIN: 'charging.example',
        DATABASE_URL: 'postgresql://user:p%40ss@db:5432/chargeyard',
        CHARGEYARD_DATABASE_CONNECTIONS: '2',
        CHARGEYARD_TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,::1',
        CHARGEYARD_PUBLIC_URL: 'https://CSMS.example:8443/',
        CHARGEYARD_UPLOAD_MEGABYTES: '5',
        CHARGEYARD_HEARTBEAT_SECONDS: '86400',
        CHARGEYARD_REQUESTS_PER_MINUTE: '0',
        CHARGEYARD_WEBHOOKS_TO_PRIVATE_NETWORKS: 'yes',
        CHARGEYARD_NODE: 'one',
        CHARGEYARD_WORKERS: '4',
        CHARGEYARD_LOG_LEVEL: 'debug',
        PATH: '/usr/bin',
      }),
    ).toEqual({
      port: 0,
      tls: {
        port: 443,
        certificateFile: '/etc/chargeyard/tls.crt',
        keyFile: '/etc/chargeyard/tls.key',
        clientCaFile: '/etc/chargeyard/stations.crt',
      },
      stationCa: {
        certificateFile: '/etc/chargeyard/station_ca.crt',
        keyFile: '/etc/chargeyard/station_ca.key',
      },
      clientCertificateHeader: 'X-Client-Cert',
      host: '127.0.0.1',
      dataFolder: '/var/lib/charge yard',
      baseDomain: 'charging.example',
      databaseUrl: 'postgresql://user:p%40ss@db:5432/chargeyard',
      databaseConnections: 2,
      trustedProxies: ['10.0.0.1', '192.168.0.0/16', '::1'],
      publicUrl: 'https://csms.example:8443',
      largestUploadBytes: 5_000_000,
      heartbeatSeconds: 86_400,
      rateLimit: undefined,
      webhooksToPrivateNetworks: true,
      node: 'one',
      workers: 4,
      logLevel: 'debug',
    });
  });

  it('takes an empty value as unset', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  it('says first that it is the configuration that is wrong', () => {
    expect(() => readConfig({ CHARGEYARD_PORT: 'x' })).toThrow(
      'The configuration is wrong:\n  CHARGEYARD_PORT must be a whole number from 0 to 65535.',
    );
  });

  it('tells all mistakes in one message', () => {
    expect(
      mistakes({
        CHARGEYARD_PORT: '65536',
        CHARGEYARD_BASE_DOMAIN: 'Charging.example:8080',
        CHARGEYARD_HEARTBEAT_SECONDS: '9',
        CHARGEYARD_LOG_LEVEL: 'loud',
        CHARGEYARD_PROT: '8080',
        DATABASE_URL: 'mysql://db',
      }),
    ).toEqual([
      'CHARGEYARD_PORT must be a whole number from 0 to 65535.',
      'CHARGEYARD_BASE_DOMAIN must be a lower-case domain name without a port.',
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database.',
      'CHARGEYARD_HEARTBEAT_SECONDS must be a whole number from 10 to 86400.',
      'CHARGEYARD_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.',
      'CHARGEYARD_PROT is no variable of Chargeyard; see docs/configuration.md.',
    ]);
  });

  it.each(['CHARGEYARD_STATION_CA_CERTIFICATE', 'CHARGEYARD_STATION_CA_KEY'])(
    'wants the authority’s certificate and key together, not %s alone',
    (name) => {
      expect(mistakes({ [name]: 'file.pem' })).toEqual([
        'CHARGEYARD_STATION_CA_CERTIFICATE and CHARGEYARD_STATION_CA_KEY must be set together.',
      ]);
    },
  );

  it.each(['CHARGEYARD_TLS_CERTIFICATE', 'CHARGEYARD_TLS_KEY', 'CHARGEYARD_TLS_CLIENT_CA'])(
    'wants certificate and key together, not %s alone',
    (name) => {
      expect(mistakes({ [name]: 'file.pem' })).toEqual([
        'CHARGEYARD_TLS_CERTIFICATE and CHARGEYARD_TLS_KEY must be set together.',
      ]);
    },
  );

  it.each(['postgres://user:hunter2hunter2@:x/', 'mysql://user:hunter2hunter2@db/x', 'hunter2hunter2'])(
    'does not repeat the password of DATABASE_URL %s',
    (url) => {
      const told = mistakes({ DATABASE_URL: url });
      expect(told).toHaveLength(1);
      expect(told.join()).not.toContain('hunter2hunter2');
    },
  );

  it.each([
    ['CHARGEYARD_PORT', ['-1', '8080 ', '1e3', '0x50', '80.5', 'http', '1'.repeat(20)]],
    ['CHARGEYARD_HOST', ['a b', 'http://localhost', '*']],
    ['CHARGEYARD_BASE_DOMAIN', ['', 'LOCALHOST', 'a..b', '.a', 'a.', 'a/b', 'localhost:8080'].slice(1)],
    ['CHARGEYARD_DATABASE_CONNECTIONS', ['0', '1', '501']],
    ['CHARGEYARD_TLS_PORT', ['-1', '65536', 'https']],
    ['CHARGEYARD_CLIENT_CERTIFICATE_HEADER', ['X Client', 'X-Client:', 'ü']],
    ['CHARGEYARD_NODE', ['x'.repeat(101), 'a/b']],
    ['CHARGEYARD_WORKERS', ['0', '65', 'all']],
    ['CHARGEYARD_LOG_LEVEL', ['INFO', 'warning']],
    ['CHARGEYARD_TRUSTED_PROXIES', ['proxy.example', 'abc', '10.0.0', '10.0.0.1/33', '::1/129', '1.2.3.4.5']],
  ])('refuses wrong values of %s', (name, values) => {
    expect(values.filter((value) => mistakes({ [name]: value }).length !== 1)).toEqual([]);
  });

  it.each(['10.0.0.1,', ' 10.0.0.1 ', '10.0.0.1,,10.0.0.2'])(
    'takes trusted proxies written "%s" without empty ones between',
    (text) => {
      expect(readConfig({ CHARGEYARD_TRUSTED_PROXIES: text }).trustedProxies).not.toContain('');
    },
  );
});
