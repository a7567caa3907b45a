// What a certificate authority signs with, from its two files.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyFault } from './key_strength.ts';

export type Signer = {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** The certificates between those that it signs and the root, PEM each: a root is known to who trusts it. */
  readonly chain: readonly string[];
  readonly expiresAt: Date;
};

/** @throws {Error} when they do not fit together, or may not sign */
export function signerOf(certificates: string, privateKey: Buffer): Signer {
  const [certificate, ...others] = certificatesIn(certificates);
  if (certificate === undefined) throw new Error('the file has no certificate (PEM).');
  const key = createPrivateKey(privateKey);
  if (!certificate.checkPrivateKey(key)) throw new Error('the key is not that of the first certificate.');
  if (!certificate.ca) throw new Error('the first certificate may not sign others (CA:TRUE).');
  const fault = keyFault(certificate.publicKey);
  if (fault !== undefined) throw new Error(fault);
  return {
    certificate,
    key,
    chain: [certificate, ...others].filter((each) => !each.checkIssued(each)).map(String),
    expiresAt: new Date(certificate.validTo),
  };
}

const certificatesIn = (text: string) =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
