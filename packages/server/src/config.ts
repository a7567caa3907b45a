// The configuration: environment variables, read once, checked all together. `docs/configuration.md` is generated from
// the table below. Nothing else in the house reads process.env.

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

type Variable<T> = {
  /** What it sets, with its unit, for the documentation. */
  readonly description: string;
  /** The default as the documentation shows it. */
  readonly fallback: string;
  /** Answers the value of a text, or undefined when the text is no such value. */
  readonly parse: (text: string) => T | undefined;
  /** What `parse` takes, for the sentence that refuses anything else. */
  readonly form: string;
};

const wholeNumber = (least: number, most: number) => ({
  form: `a whole number from ${least} to ${most}`,
  parse: (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

const file = { fallback: '', form: 'a path', parse: (text: string) => resolve(text) };

/** An IP address, or a network in CIDR notation. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  return (
    bits > 0 &&
    rest.length === 0 &&
    (prefix === undefined || wholeNumber(0, bits).parse(prefix) !== undefined)
  );
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable, by its name in the environment. An empty value counts as unset. */
export const variables = {
  CHARGEYARD_PORT: {
    description: 'TCP port for API, token endpoint and OCPP.',
    fallback: '8080',
    ...wholeNumber(0, 65_535),
  },
  CHARGEYARD_TLS_PORT: {
    description: 'TCP port for the same over TLS. Served where CHARGEYARD_TLS_CERTIFICATE is set.',
    fallback: '8443',
    ...wholeNumber(0, 65_535),
  },
  CHARGEYARD_TLS_CERTIFICATE: {
    description:
      'File with the server’s certificate and those between it and the root, PEM. Read again when it changes.',
    ...file,
  },
  CHARGEYARD_TLS_KEY: {
    description: 'File with the certificate’s private key, PEM. Read again when it changes.',
    ...file,
  },
  CHARGEYARD_TLS_CLIENT_CA: {
    description:
      'File with the certificates, PEM, that client certificates of stations must go back to (security profile 3). Read ' +
      'again when it changes.',
    ...file,
  },
  CHARGEYARD_STATION_CA_CERTIFICATE: {
    description:
      'File with the certificate of the authority that signs what stations ask for (SignCertificate), and those between it ' +
      'and the root, PEM. Read again for each. Unset: stations are told `Rejected`; see docs/stations.md.',
    ...file,
  },
  CHARGEYARD_STATION_CA_KEY: {
    description:
      'File with that authority’s private key, PEM, not encrypted. Read again for each certificate.',
    ...file,
  },
  CHARGEYARD_CLIENT_CERTIFICATE_HEADER: {
    description:
      'Header in which trusted proxies forward a client certificate that they have checked; see docs/stations.md.',
    fallback: '',
    form: 'the name of a header',
    parse: (text: string) => (/^[A-Za-z0-9-]+$/.test(text) ? text : undefined),
  },
  CHARGEYARD_HOST: {
    description: 'Address to listen on.',
    fallback: '::',
    form: 'an IP address or host name',
    parse: (text: string) => (/^[A-Za-z0-9.:_-]+$/.test(text) ? text : undefined),
  },
  CHARGEYARD_DATA: {
    description: 'Data folder: the embedded PostgreSQL and the demo’s credentials.',
    fallback: './data',
    form: 'a path',
    parse: (text: string) => resolve(text),
  },
  CHARGEYARD_BASE_DOMAIN: {
    description: 'Domain below which each tenant has its host, `<slug>.<base domain>`.',
    fallback: 'localhost',
    form: 'a lower-case domain name without a port',
    parse: (text: string) => (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text) ? text : undefined),
  },
  DATABASE_URL: {
    description: 'URL of an external PostgreSQL (15 or newer). Unset: the embedded one in the data folder.',
    fallback: '',
    form: 'a URL such as postgres://user:password@host:5432/database',
    parse: (text: string) => (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text) ? text : undefined),
  },
  CHARGEYARD_DATABASE_CONNECTIONS: {
    description: 'Most connections that one process opens to PostgreSQL.',
    fallback: '10',
    ...wholeNumber(2, 500),
  },
  CHARGEYARD_TRUSTED_PROXIES: {
    description:
      'Addresses or networks of proxies whose X-Forwarded-* headers are believed, separated by commas.',
    fallback: '',
    form: 'IP addresses or CIDR networks separated by commas',
    parse: (text: string) => {
      const networks = text.split(',').map((part) => part.trim());
      const given = networks.filter((network) => network !== '');
      return given.length > 0 && given.every(isNetwork) ? given : undefined;
    },
  },
  CHARGEYARD_PUBLIC_URL: {
    description:
      'Origin at which charging stations reach this server to upload files, such as `https://csms.example`. Unset: the one ' +
      'that the API client asked.',
    fallback: '',
    form: 'an origin such as https://csms.example',
    parse: (text: string) =>
      /^https?:\/\/[^/?#]+\/?$/.test(text) && URL.canParse(text) ? new URL(text).origin : undefined,
  },
  CHARGEYARD_UPLOAD_MEGABYTES: {
    description: 'Largest file that a charging station may upload, megabytes (10⁶ bytes).',
    fallback: '100',
    ...wholeNumber(1, 2_000),
  },
  CHARGEYARD_HEARTBEAT_SECONDS: {
    description: 'Heartbeat interval given to charging stations, seconds.',
    fallback: '300',
    ...wholeNumber(10, 86_400),
  },
  CHARGEYARD_REQUESTS_PER_MINUTE: {
    description: 'Most requests per minute of one API client to one process; 0 for no limit.',
    fallback: '6000',
    ...wholeNumber(0, 1_000_000),
  },
  CHARGEYARD_WEBHOOKS_TO_PRIVATE_NETWORKS: {
    description:
      'Whether webhooks may be sent to private and local addresses, and by http: `yes` or `no`. Whoever makes webhooks ' +
      'reaches through this server what it reaches.',
    fallback: 'no',
    form: 'yes or no',
    parse: (text: string) => (text === 'yes' || text === 'no' ? text : undefined),
  },
  CHARGEYARD_NODE: {
    description:
      'Name of this server among those that share a database; keep it across restarts. Its processes are `<name>/1`, `<name>/2` …',
    fallback: 'the host’s name',
    form: '1 to 100 characters without /',
    parse: (text: string) => (/^[^/]{1,100}$/.test(text) ? text : undefined),
  },
  CHARGEYARD_WORKERS: {
    description: 'How many processes serve, on the same ports: about as many as the machine has cores.',
    fallback: '1',
    ...wholeNumber(1, 64),
  },
  CHARGEYARD_LOG_LEVEL: {
    description: `Least level that is logged: ${logLevels.join(', ')}.`,
    fallback: '`info`; `warn` at a terminal and for all verbs but `serve`',
    form: `one of ${logLevels.join(', ')}`,
    parse: (text: string) => logLevels.find((level) => level === text),
  },
} as const satisfies Record<string, Variable<unknown>>;

export type Config = {
  readonly port: number;
  /** Undefined: no TLS here. */
  readonly tls:
    | {
        readonly port: number;
        readonly certificateFile: string;
        readonly keyFile: string;
        readonly clientCaFile: string | undefined;
      }
    | undefined;
  /** Undefined: no certificate authority here. */
  readonly stationCa: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  readonly clientCertificateHeader: string | undefined;
  readonly host: string;
  readonly dataFolder: string;
  readonly baseDomain: string;
  readonly databaseUrl: string | undefined;
  readonly databaseConnections: number;
  readonly trustedProxies: readonly string[];
  readonly publicUrl: string | undefined;
  readonly largestUploadBytes: number;
  readonly heartbeatSeconds: number;
  readonly rateLimit: { readonly requests: number; readonly seconds: number } | undefined;
  readonly webhooksToPrivateNetworks: boolean;
  readonly node: string;
  readonly workers: number;
  readonly logLevel: (typeof logLevels)[number] | undefined;
};

/** The environment is wrong. The message lists every mistake, one a line. */
export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(`The configuration is wrong:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the configuration.
 *
 * @throws {ConfigError} with all mistakes at once; values are not repeated, since one of them can hold a password
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const mistakes: string[] = [];
  const read = <T>(name: string, { parse, form }: Variable<T>): T | undefined => {
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value === undefined) mistakes.push(`${name} must be ${form}.`);
    return value;
  };
  const v = variables;
  const readTls = (): Config['tls'] => {
    const port = read('CHARGEYARD_TLS_PORT', v.CHARGEYARD_TLS_PORT) ?? 8443;
    const certificateFile = read('CHARGEYARD_TLS_CERTIFICATE', v.CHARGEYARD_TLS_CERTIFICATE);
    const keyFile = read('CHARGEYARD_TLS_KEY', v.CHARGEYARD_TLS_KEY);
    const clientCaFile = read('CHARGEYARD_TLS_CLIENT_CA', v.CHARGEYARD_TLS_CLIENT_CA);
    if (certificateFile !== undefined && keyFile !== undefined) {
      return { port, certificateFile, keyFile, clientCaFile };
    }
    if (certificateFile ?? keyFile ?? clientCaFile) {
      mistakes.push('CHARGEYARD_TLS_CERTIFICATE and CHARGEYARD_TLS_KEY must be set together.');
    }
    return undefined;
  };
  const readStationCa = (): Config['stationCa'] => {
    const certificateFile = read('CHARGEYARD_STATION_CA_CERTIFICATE', v.CHARGEYARD_STATION_CA_CERTIFICATE);
    const keyFile = read('CHARGEYARD_STATION_CA_KEY', v.CHARGEYARD_STATION_CA_KEY);
    if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile };
    if (certificateFile ?? keyFile) {
      mistakes.push('CHARGEYARD_STATION_CA_CERTIFICATE and CHARGEYARD_STATION_CA_KEY must be set together.');
    }
    return undefined;
  };
  const config: Config = {
    port: read('CHARGEYARD_PORT', v.CHARGEYARD_PORT) ?? 8080,
    tls: readTls(),
    stationCa: readStationCa(),
    clientCertificateHeader: read(
      'CHARGEYARD_CLIENT_CERTIFICATE_HEADER',
      v.CHARGEYARD_CLIENT_CERTIFICATE_HEADER,
    ),
    host: read('CHARGEYARD_HOST', v.CHARGEYARD_HOST) ?? '::',
    dataFolder: read('CHARGEYARD_DATA', v.CHARGEYARD_DATA) ?? resolve('data'),
    baseDomain: read('CHARGEYARD_BASE_DOMAIN', v.CHARGEYARD_BASE_DOMAIN) ?? 'localhost',
    databaseUrl: read('DATABASE_URL', v.DATABASE_URL),
    databaseConnections: read('CHARGEYARD_DATABASE_CONNECTIONS', v.CHARGEYARD_DATABASE_CONNECTIONS) ?? 10,
    trustedProxies: read('CHARGEYARD_TRUSTED_PROXIES', v.CHARGEYARD_TRUSTED_PROXIES) ?? [],
    publicUrl: read('CHARGEYARD_PUBLIC_URL', v.CHARGEYARD_PUBLIC_URL),
    largestUploadBytes:
      (read('CHARGEYARD_UPLOAD_MEGABYTES', v.CHARGEYARD_UPLOAD_MEGABYTES) ?? 100) * 1_000_000,
    heartbeatSeconds: read('CHARGEYARD_HEARTBEAT_SECONDS', v.CHARGEYARD_HEARTBEAT_SECONDS) ?? 300,
    rateLimit: perMinute(read('CHARGEYARD_REQUESTS_PER_MINUTE', v.CHARGEYARD_REQUESTS_PER_MINUTE) ?? 6000),
    webhooksToPrivateNetworks:
      read('CHARGEYARD_WEBHOOKS_TO_PRIVATE_NETWORKS', v.CHARGEYARD_WEBHOOKS_TO_PRIVATE_NETWORKS) === 'yes',
    node: read('CHARGEYARD_NODE', v.CHARGEYARD_NODE) ?? hostname(),
    workers: read('CHARGEYARD_WORKERS', v.CHARGEYARD_WORKERS) ?? 1,
    logLevel: read('CHARGEYARD_LOG_LEVEL', v.CHARGEYARD_LOG_LEVEL),
  };
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('CHARGEYARD_') && !(name in variables),
  );
  for (const name of unknown)
    mistakes.push(`${name} is no variable of Chargeyard; see docs/configuration.md.`);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(config);
}

function perMinute(requests: number): Config['rateLimit'] {
  return requests === 0 ? undefined : { requests, seconds: 60 };
}
