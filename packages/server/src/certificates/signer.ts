// What a certificate authority signs with, from its two files.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_keyUsage, KeyUsage, KeyUsageFlags } from '@peculiar/asn1-x509';
import type { TBSCertificate } from '@peculiar/asn1-x509';
import { keyFault } from './key_strength.ts';

export type Signer = {
  readonly certificate: X509Certificate;
  /** The same, as what it signs refers to it. */
  readonly issuer: TBSCertificate;
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
  const { tbsCertificate: issuer } = AsnConvert.parse(certificate.raw, Certificate);
  if (!certificate.ca || !signsOthers(issuer)) {
    throw new Error('the first certificate may not sign others (CA:TRUE, keyCertSign).');
  }
  const fault = keyFault(certificate.publicKey);
  if (fault !== undefined) throw new Error(fault);
  return {
    certificate,
    issuer,
    key,
    chain: [certificate, ...others].filter((each) => !each.checkIssued(each)).map(String),
    expiresAt: certificate.validToDate,
  };
}

/** RFC 5280 §4.2.1.3: without the extension, a key is for everything. */
function signsOthers({ extensions = [] }: Pick<TBSCertificate, 'extensions'>): boolean {
  const usage = extensions.find(({ extnID }) => extnID === id_ce_keyUsage)?.extnValue.buffer;
  if (usage === undefined) return true;
  return (AsnConvert.parse(usage, KeyUsage).toNumber() & KeyUsageFlags.keyCertSign) !== 0;
}

const certificatesIn = (text: string) =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
