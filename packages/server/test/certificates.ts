// Certificates for tests, made by the openssl of the machine: an authority, what it signs, and their files; and requests for
// certificates.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export type Certificate = {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
};

export type Authority = Certificate & {
  /** A certificate that it signs. `subject` is as openssl's -subj takes it: `/CN=…`. */
  readonly signs: (subject: string, extensions?: string) => Certificate;
};

const curve = (name: string) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${name}`];
/** New keys, as openssl's req takes them. */
export const newKeys = {
  p256: curve('prime256v1'),
  p384: curve('secp384r1'),
  p521: curve('secp521r1'),
  secp256k1: curve('secp256k1'),
  ed25519: ['-newkey', 'ed25519'],
  rsa1024: ['-newkey', 'rsa:1024'],
  rsa2048: ['-newkey', 'rsa:2048'],
} as const;
const key = [...newKeys.p256, '-nodes'];
let made = 0;

/** What runs openssl in a folder of its own, which goes after the tests of the file. */
function opensslInAFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'chargeyard-certificates-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  return { folder, openssl };
}

/**
 * Answers a function that makes certificate signing requests, as stations do, with a new key each.
 *
 * @param subject as openssl's -subj takes it: `/CN=…`
 */
export function certificateRequests() {
  const { folder, openssl } = opensslInAFolder();
  return (subject: string, { newKey = newKeys.p256, digest = 'sha256' }: RequestOptions = {}) => {
    const name = `request-${(made += 1)}`;
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    openssl('req', '-new', ...newKey, '-nodes', `-${digest}`, '-utf8', ...files, '-subj', subject);
    const read = (extension: string) => readFileSync(join(folder, `${name}.${extension}`), 'utf8');
    return { csr: read('csr'), key: read('key') };
  };
}

type RequestOptions = { readonly newKey?: readonly string[]; readonly digest?: string };

/** Makes authorities, each of its own name. The files go after the tests of the file. */
export function testAuthority({
  newKey = newKeys.p256,
  days = 2,
}: { readonly newKey?: readonly string[]; readonly days?: number } = {}): Authority {
  const { folder, openssl } = opensslInAFolder();
  const files = (name: string): Certificate => {
    const [certificateFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    return {
      certificateFile,
      keyFile,
      cert: readFileSync(certificateFile, 'utf8'),
      key: readFileSync(keyFile, 'utf8'),
    };
  };
  const subject = `/CN=Authority ${(made += 1)}`;
  const keys = [...newKey, '-nodes', '-keyout', 'ca.key'];
  const ends = ['-days', String(days), '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl('req', '-x509', ...keys, '-out', 'ca.pem', ...ends, '-subj', subject);
  return {
    ...files('ca'),
    signs(of, extensions = 'subjectAltName=DNS:localhost,IP:127.0.0.1') {
      const name = `certificate-${(made += 1)}`;
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', String(made), '-days', '2'];
      openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', of);
      writeFileSync(join(folder, `${name}.ext`), `${extensions}\n`);
      const [from, to] = [
        ['-in', `${name}.csr`, '-extfile', `${name}.ext`],
        ['-out', `${name}.pem`],
      ];
      openssl('x509', '-req', ...from, ...signing, ...to);
      return files(name);
    },
  };
}
