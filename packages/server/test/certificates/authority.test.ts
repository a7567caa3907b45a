// The certificate authority for charging stations: what it signs, as openssl and Node read it, and what it does not.

import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCertificateAuthority } from '../../src/certificates/index.ts';
import { newSerialNumber } from '../../src/ids.ts';
import { certificateRequests, newKeys, testAuthority } from '../certificates.ts';
import type { Certificate } from '../certificates.ts';
import { aClock } from '../test_app.ts';

const day = 24 * 60 * 60_000;
const root = testAuthority();
const request = certificateRequests();
const applicant = {
  chargingStationId: '0193a5b0-0000-7000-8000-000000000001',
  identity: 'cp_1',
  isProven: true,
};
const unit = `chargeyard:${applicant.chargingStationId}`;

/** An authority of these files, which can be changed. */
async function anAuthority({ certificateFile, keyFile }: Certificate = root, now = new Date()) {
  const folder = mkdtempSync(join(tmpdir(), 'chargeyard-authority-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { certificateFile: join(folder, 'ca.crt'), keyFile: join(folder, 'ca.key') };
  copyFileSync(certificateFile, files.certificateFile);
  copyFileSync(keyFile, files.keyFile);
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const clock = aClock(now);
  const authority = await openCertificateAuthority(files, { clock, log, newSerialNumber });
  const chainOf = async (csr: string, who = applicant) => {
    const { certificateChain = '', refusal } = await authority.certify(csr, who);
    expect(refusal).toBeUndefined();
    return certificateChain;
  };
  return { ...authority, files, folder, logged, chainOf };
}

const first = (chain: string) => new X509Certificate(chain);

/** Checks a chain as a server of TLS does, which knows the root alone. */
function verified(chain: string, trusted: string = root.cert): string {
  const folder = mkdtempSync(join(tmpdir(), 'chargeyard-verified-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [ca, own] = [join(folder, 'ca.pem'), join(folder, 'chain.pem')];
  writeFileSync(ca, trusted);
  writeFileSync(own, chain);
  const args = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, '-untrusted', own, own];
  return execFileSync('openssl', args, { encoding: 'utf8' });
}

describe('a signed certificate', () => {
  it('is the station’s, and for a client of TLS alone', async () => {
    const { chainOf } = await anAuthority();
    const { csr, key } = request('/O=Operator/OU=chargeyard:another/OU=Depot/L=Here/CN=cp_1');
    const now = Date.now();
    const chain = await chainOf(csr);
    expect(verified(chain)).toMatch(/OK\n$/);
    const certificate = first(chain);
    expect(certificate.subject.split('\n')).toEqual(['O=Operator', `OU=${unit}`, 'CN=cp_1']);
    expect(certificate.issuer).toBe(new X509Certificate(root.cert).subject);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(new Date(certificate.validFrom).getTime()).toBeLessThan(now);
  });

  it('lasts a year, and no longer than the authority', async () => {
    const { csr } = request('/CN=cp_1');
    const now = new Date();
    const ends = async (authority: Certificate) =>
      new Date(first(await (await anAuthority(authority, now)).chainOf(csr)).validTo).getTime();
    expect(await ends(testAuthority({ days: 800 }))).toBe(
      Math.floor((now.getTime() + 365 * day) / 1000) * 1000,
    );
    expect(await ends(root)).toBe(new Date(new X509Certificate(root.cert).validTo).getTime());
  });

  it.each(['/O=A/O=B/CN=cp_1', '/O=A\tB/CN=cp_1'])(
    'has no organization where that is no name: %j',
    async (subject) => {
      const { chainOf } = await anAuthority();
      expect(first(await chainOf(request(subject).csr)).toLegacyObject().subject).toEqual({
        OU: unit,
        CN: 'cp_1',
      });
    },
  );

  it('has a serial number of its own', async () => {
    const { chainOf } = await anAuthority();
    const { csr } = request('/CN=cp_1');
    const numbers = [];
    for (let at = 0; at < 20; at += 1) numbers.push(first(await chainOf(csr)).serialNumber);
    expect(new Set(numbers).size).toBe(20);
    expect(numbers.filter((number) => /^[4-7][0-9A-F]{31}$/.test(number))).toHaveLength(20);
  });

  it.each(Object.entries({ rsa: newKeys.rsa2048, p384: newKeys.p384, p521: newKeys.p521 }))(
    'is signed with a key of %s',
    async (_name, newKey) => {
      const authority = testAuthority({ newKey });
      const { chainOf } = await anAuthority(authority);
      const { csr } = request('/CN=cp_1', { newKey, digest: 'sha512' });
      expect(verified(await chainOf(csr), authority.cert)).toMatch(/OK\n$/);
    },
  );

  it('comes with those between it and the root, and without that', async () => {
    const between = root.signs(
      '/CN=Between',
      'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign',
    );
    const { files, chainOf } = await anAuthority(between);
    writeFileSync(files.certificateFile, between.cert + root.cert);
    const chain = await chainOf(request('/CN=cp_1').csr);
    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(chain.endsWith(between.cert)).toBe(true);
    expect(verified(chain)).toMatch(/OK\n$/);
  });

  it.each(['CP|1+@a=b*c', 'Säule 1', 'cp, CN=cp_2'])('has any identity: %s', async (identity) => {
    const { chainOf } = await anAuthority();
    const { csr } = request(`/CN=${identity.replaceAll('+', '\\+')}`);
    const chain = await chainOf(csr, { ...applicant, identity });
    expect(first(chain).toLegacyObject().subject).toEqual({ OU: unit, CN: identity });
  });
});

describe('a request', () => {
  const { csr: good, key: privateKey } = request('/CN=cp_1');
  const key = createPrivateKey(privateKey);
  const [head = '', ...lines] = good.trim().split('\n');
  const foot = lines.pop() ?? '';
  const pemOf = (der: Buffer) => `${head}\n${der.toString('base64')}\n${foot}\n`;
  const der = Buffer.from(lines.join(''), 'base64');
  const renamed = Buffer.from(der.toString('latin1').replace('cp_1', 'cp_2'), 'latin1');

  it.each([
    ['nothing', '', 'no certificate signing request'],
    ['another PEM', root.cert, 'no certificate signing request'],
    ['broken PEM', good.replace(lines[1] ?? '', '!'), 'no certificate signing request'],
    ['broken DER', pemOf(der.subarray(0, -20)), 'no certificate signing request'],
    ['another name than was signed', pemOf(renamed), 'Its signature is not that of its key.'],
    ['the name of another', request('/CN=cp_2').csr, 'Its common name (CN) is "cp_2"; it must be'],
    ['the name in capitals', request('/CN=CP_1').csr, 'Its common name (CN) is "CP_1"'],
    ['two names', request('/CN=cp_1/CN=cp_2').csr, 'Its common name (CN) is "cp_1, cp_2"'],
    ['no name', request('/O=cp_1').csr, 'Its common name (CN) is ""'],
    [
      'RSA of 1024 bits',
      request('/CN=cp_1', { newKey: newKeys.rsa1024 }).csr,
      'has 1024 bits; RSA needs 2048',
    ],
    ['another curve', request('/CN=cp_1', { newKey: newKeys.secp256k1 }).csr, 'neither RSA nor of one of'],
    ['Ed25519', request('/CN=cp_1', { newKey: newKeys.ed25519 }).csr, 'neither RSA nor of one of'],
    ['SHA-1', request('/CN=cp_1', { digest: 'sha1' }).csr, 'is not signed by ECDSA or RSA'],
  ])('of %s is refused', async (_what, csr, reason) => {
    const { certify } = await anAuthority();
    const { refusal, certificateChain } = await certify(csr, applicant);
    expect(refusal).toContain(reason);
    expect(certificateChain).toBeUndefined();
  });

  it('of whoever has not shown who it is, is refused', async () => {
    const { certify } = await anAuthority();
    const { refusal } = await certify(good, { ...applicant, isProven: false });
    expect(refusal).toMatch(/^Only a charging station of security profile 3/);
  });

  it('may have lines of another length, or none, or ends of lines escaped twice', async () => {
    const { chainOf } = await anAuthority();
    for (const csr of [
      pemOf(der),
      `${head}${lines.join('')}${foot}`,
      good.replaceAll('\n', '\r\n'),
      good.replaceAll('\n', String.raw`\n`),
    ]) {
      expect(verified(await chainOf(csr))).toMatch(/OK\n$/);
    }
  });

  // What stands around that may be read in more than one way.
  it('that is changed anywhere is refused, or what its key has signed is what it was', async () => {
    const { certify, logged } = await anAuthority();
    const bytes = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }));
    const changed = fc.array(bytes, { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = Buffer.from(der);
      for (const [at, by] of changes) copy[at] = Number(copy[at]) ^ by;
      return copy;
    });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          changed,
          fc.uint8Array().map((some) => Buffer.from(some)),
        ),
        async (some) => {
          const { certificateChain, refusal } = await certify(pemOf(some), applicant);
          return refusal === undefined
            ? first(certificateChain).checkPrivateKey(key)
            : /^(It|Its|The key) .+\.$/.test(refusal);
        },
      ),
      { numRuns: 500 },
    );
    expect(logged.filter((line) => !line.includes('a certificate was signed'))).toEqual([]);
  });
});

describe('the authority’s files', () => {
  const other = testAuthority();

  it('are read again for each certificate', async () => {
    const { files, chainOf } = await anAuthority();
    copyFileSync(other.certificateFile, files.certificateFile);
    copyFileSync(other.keyFile, files.keyFile);
    expect(verified(await chainOf(request('/CN=cp_1').csr), other.cert)).toMatch(/OK\n$/);
  });

  it('are kept as they were where the new ones cannot be used, and nothing of a key is logged', async () => {
    const { files, chainOf, logged } = await anAuthority();
    copyFileSync(other.keyFile, files.keyFile);
    expect(verified(await chainOf(request('/CN=cp_1').csr))).toMatch(/OK\n$/);
    writeFileSync(files.keyFile, `${other.key.slice(0, 80)}\n-----END PRIVATE KEY-----\n`);
    expect(verified(await chainOf(request('/CN=cp_1').csr))).toMatch(/OK\n$/);
    expect(logged.join()).toContain('the key is not that of the first certificate');
    const keys = [other, root].flatMap(({ key }) => key.split('\n').slice(1, -2));
    expect(keys.filter((line) => logged.join().includes(line))).toEqual([]);
  });

  it.each([
    ['no certificate', (): Certificate => ({ ...root, certificateFile: root.keyFile }), 'has no certificate'],
    [
      'the key of another',
      () => ({ ...root, keyFile: other.keyFile }),
      'is not that of the first certificate',
    ],
    ['one that may not sign', () => root.signs('/CN=x'), 'may not sign others'],
    [
      'one whose key is for other uses',
      () => root.signs('/CN=x', 'basicConstraints=CA:TRUE\nkeyUsage=digitalSignature'),
      'may not sign others',
    ],
  ])('of %s are told at the start', async (_what, files, reason) => {
    await expect(anAuthority(files())).rejects.toThrow(reason);
  });

  it('are told at the start where they are not there', async () => {
    const { folder } = await anAuthority();
    const missing = { certificateFile: join(folder, 'no.crt'), keyFile: root.keyFile };
    const deps = { clock: aClock(), log: pino({ level: 'silent' }), newSerialNumber };
    await expect(openCertificateAuthority(missing, deps)).rejects.toThrow(
      'The certificate authority for charging stations cannot be used: ENOENT',
    );
  });

  it('sign nothing when the authority’s own certificate has expired', async () => {
    const { certify } = await anAuthority(root, new Date(Date.now() + 3 * day));
    const { refusal } = await certify(request('/CN=cp_1').csr, applicant);
    expect(refusal).toBe('The certificate of the certificate authority has expired.');
  });
});
