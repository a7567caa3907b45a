// The common name of a client certificate, as a TLS socket has it or as a proxy forwards it: nginx's
// `$ssl_client_escaped_cert` or `$ssl_client_s_dn`, Envoy's X-Forwarded-Client-Cert, Traefik's PEM without its lines.
// Whether the certificate is valid is checked by who ended the TLS connection.

import { X509Certificate } from 'node:crypto';

/** Answers the subject's common name; undefined where it has none, or more than one. */
export function commonNameOf(certificate: X509Certificate): string | undefined {
  const { CN: name } = certificate.toLegacyObject().subject as { CN?: unknown };
  return typeof name === 'string' ? name : undefined;
}

/**
 * Reads what a proxy says of the client certificate.
 *
 * @param value the header's; of several proxies' the last one's counts where the form has room for several
 * @returns its common name: undefined in it where the certificate tells none; undefined where there is no certificate
 */
export function forwardedCertificate(value: string): { commonName: string | undefined } | undefined {
  const text = value.trim();
  if (text === '' || /^(\(null\)|null|none|-)$/i.test(text)) return undefined;
  const pairs = lastElementOfXfcc(text);
  if (pairs !== undefined) {
    const certificate = pairs.get('cert');
    return certificate === undefined
      ? { commonName: commonNameOfDn(pairs.get('subject') ?? '') }
      : { commonName: commonNameOfPem(certificate) };
  }
  return { commonName: isDn(text) ? commonNameOfDn(text) : commonNameOfPem(text) };
}

const isDn = (text: string) => /^[A-Za-z0-9.]+ *=/.test(text) && !text.startsWith('MI');

/** Escaped or not, with its lines or without. */
function commonNameOfPem(text: string): string | undefined {
  try {
    const pem = decodeURIComponent(text);
    const base64 = pem.replaceAll(/-----(BEGIN|END) CERTIFICATE-----|\s/g, '');
    return commonNameOf(new X509Certificate(Buffer.from(base64, 'base64')));
  } catch {
    return undefined;
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

/** Reads the common name from a distinguished name in RFC 4514's form: one CN, or there is none. */
function commonNameOfDn(dn: string): string | undefined {
  // Attributes are separated by commas, in one part of several by plus signs, neither of them escaped.
  const attributes = dn.match(/(?:[^,+\\]|\\.)+/gs) ?? [];
  const names = attributes.flatMap((attribute) => {
    const [, name] = /^\s*CN\s*=\s*(.*?)\s*$/is.exec(attribute) ?? [];
    return name === undefined ? [] : [name];
  });
  const [name] = names;
  return name === undefined || names.length > 1 ? undefined : unescaped(name);
}

function unescaped(value: string): string {
  const bytes = value.replaceAll(/(?:\\[0-9a-f]{2})+/gi, (hex) =>
    Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return bytes.replaceAll(/\\(.)/gs, '$1');
}
