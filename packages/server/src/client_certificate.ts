// Whose a client certificate is, by its subject, as a TLS socket has it or as a proxy forwards it: nginx's
// `$ssl_client_escaped_cert` or `$ssl_client_s_dn`, Envoy's X-Forwarded-Client-Cert, Traefik's PEM without its lines.
// Whether the certificate is valid is checked by who ended the TLS connection.

import { X509Certificate } from 'node:crypto';
import { ownersIn } from './domain/index.ts';
import type { ClientCertificate } from './domain/index.ts';

export function clientCertificateIn(certificate: X509Certificate): ClientCertificate {
  const { CN, OU } = certificate.toLegacyObject().subject as Record<string, string | string[] | undefined>;
  return clientCertificate([CN ?? []].flat(), [OU ?? []].flat());
}

const clientCertificate = (names: readonly string[], units: readonly string[]): ClientCertificate => ({
  commonName: names.length === 1 ? names[0] : undefined,
  owners: ownersIn(units),
});

const untold = clientCertificate([], []);

/**
 * Reads what a proxy says of the client certificate.
 *
 * @param value the header's; of several proxies' the last one's counts where the form has room for several
 * @returns undefined where there is no certificate; one that cannot be read tells nobody's name
 */
export function forwardedCertificate(value: string): ClientCertificate | undefined {
  const text = value.trim();
  if (text === '' || /^(\(null\)|null|none|-)$/i.test(text)) return undefined;
  const pairs = lastElementOfXfcc(text);
  if (pairs !== undefined) {
    const certificate = pairs.get('cert');
    return certificate === undefined ? ofDn(pairs.get('subject') ?? '') : ofPem(certificate);
  }
  return isDn(text) ? ofDn(text) : ofPem(text);
}

const isDn = (text: string) => /^[A-Za-z0-9.]+ *=/.test(text) && !text.startsWith('MI');

/** Escaped or not, with its lines or without. */
function ofPem(text: string): ClientCertificate {
  try {
    const pem = decodeURIComponent(text);
    const base64 = pem.replaceAll(/-----(BEGIN|END) CERTIFICATE-----|\s/g, '');
    return clientCertificateIn(new X509Certificate(Buffer.from(base64, 'base64')));
  } catch {
    return untold;
  }
}

/**
 * Reads X-Forwarded-Client-Cert: elements separated by commas, in each `Key=value` separated by semicolons, values in quotes
 * where they hold any of these.
 *
 * @returns the last element's pairs, keys in small letters; undefined if the text is of another form
 */
function lastElementOfXfcc(text: string): Map<string, string> | undefined {
  if (!/^(by|hash|cert|chain|subject|uri|dns)=/i.test(text)) return undefined;
  let pairs = new Map<string, string>();
  const pair = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^,;"]*))([,;]|$)/gy;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (found === null) return new Map();
    const [, key = '', quoted, plain = '', end] = found;
    pairs.set(key.toLowerCase(), quoted?.replaceAll(`\\"`, `"`) ?? plain);
    if (end === ',' && pair.lastIndex < text.length) pairs = new Map();
  }
  return pairs;
}

/** Reads a distinguished name in RFC 4514's form. */
function ofDn(dn: string): ClientCertificate {
  // Attributes are separated by commas, in one part of several by plus signs, neither of them escaped.
  const attributes = dn.match(/(?:[^,+\\]|\\.)+/gs) ?? [];
  const of = (...types: readonly string[]) =>
    attributes.flatMap((attribute) => {
      const [, name = '', value = ''] = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/s.exec(attribute) ?? [];
      return types.includes(name.toUpperCase()) ? [unescaped(value)] : [];
    });
  // RFC 4514 §2.3: names, or numbers where a program knows no name.
  return clientCertificate(of('CN', '2.5.4.3'), of('OU', '2.5.4.11'));
}

function unescaped(value: string): string {
  const bytes = value.replaceAll(/(?:\\[0-9a-f]{2})+/gi, (hex) =>
    Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return bytes.replaceAll(/\\(.)/gs, '$1');
}
