// Certificates for tests, made by the openssl of the machine: an authority, what it signs, and their files.

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
  readonly signs: (subject: string) => Certificate;
};

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
let made = 0;

/** Makes authorities, each of its own name. The files go after the tests of the file. */
export function testAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'chargeyard-certificates-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
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
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', subject);
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  return {
    ...files('ca'),
    signs(of) {
      const name = `certificate-${(made += 1)}`;
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', String(made), '-days', '2'];
      openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', of);
      openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-extfile', 'names', '-out', `${name}.pem`);
      return files(name);
    },
  };
}
