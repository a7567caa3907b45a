// The certificate of a charging station (RFC 5280): for a client of TLS, for a year, and for nothing else.

import { hash, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { unitOf } from '../domain/index.ts';
import type { CertificateApplicant } from '../domain/index.ts';
import type { CheckedRequest } from './certificate_request.ts';
import { oids } from './oids.ts';
import type { Signer } from './signer.ts';

const signedBy = promisify(sign);

const hour = 60 * 60_000;
const validForMs = 365 * 24 * hour;
// Clocks of stations are not exact.
const validBeforeMs = hour;

/**
 * Signs what a station asked for: its key, under the name that we know it by. Of what else it asked for only its
 * organization is taken.
 *
 * @returns PEM; it is valid for no longer than the authority's own certificate
 * @throws {Error} when the certificate does not go back to the authority
 */
export async function signedCertificate(
  { publicKey, organization }: CheckedRequest,
  { applicant, signer, now, serialNumber }: Signing,
): Promise<string> {
  const { issuer } = signer;
  const subjectPublicKeyInfo = infoOf(publicKey);
  const algorithm = algorithmOf(signer.key);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytesOf(serialNumber),
    signature: algorithm.identifier,
    issuer: issuer.subject,
    validity: new Validity({
      notBefore: new Date(now.getTime() - validBeforeMs),
      notAfter: new Date(Math.min(now.getTime() + validForMs, signer.expiresAt.getTime())),
    }),
    subject: nameOf([
      ...(organization === undefined ? [] : [[oids.organization, organization] as const]),
      [oids.organizationalUnit, unitOf(applicant.chargingStationId)],
      [oids.commonName, applicant.identity],
    ]),
    subjectPublicKeyInfo,
    extensions: new Extensions([
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), 'critical'),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), 'critical'),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_clientAuth])),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifierOf(subjectPublicKeyInfo))),
      extension(id_ce_authorityKeyIdentifier, authorityKeyIdentifierOf(issuer)),
    ]),
  });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm.identifier,
    signatureValue: bytesOf(await signedBy(algorithm.hash, signed, signer.key)),
  });
  const made = new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
  if (!made.checkIssued(signer.certificate) || !made.verify(signer.certificate.publicKey)) {
    throw new Error('the certificate does not go back to the authority');
  }
  return made.toString();
}

type Signing = {
  readonly applicant: CertificateApplicant;
  readonly signer: Signer;
  readonly now: Date;
  /** Positive, as DER has it. */
  readonly serialNumber: Buffer;
};

function nameOf(attributes: readonly (readonly [type: string, text: string])[]): Name {
  return new Name(
    attributes.map(([type, text]) => {
      const value = new AttributeValue({ utf8String: text });
      return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]);
    }),
  );
}

function extension(extnID: string, value: object, critical?: 'critical'): Extension {
  return new Extension({
    extnID,
    critical: critical !== undefined,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

const infoOf = (key: KeyObject): SubjectPublicKeyInfo =>
  AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);

/** RFC 5280 §4.2.1.2, method (1). */
const keyIdentifierOf = ({ subjectPublicKey }: SubjectPublicKeyInfo): ArrayBuffer =>
  bytesOf(hash('sha1', Buffer.from(subjectPublicKey), 'buffer'));

/** As the authority's certificate names its key. */
function authorityKeyIdentifierOf({ extensions = new Extensions(), subjectPublicKeyInfo }: TBSCertificate) {
  const own = extensions.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier)?.extnValue.buffer;
  const identifier =
    own === undefined
      ? keyIdentifierOf(subjectPublicKeyInfo)
      : AsnConvert.parse(own, SubjectKeyIdentifier).buffer;
  return new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(identifier) });
}

const hashOfCurve: Readonly<Record<string, 256 | 384 | 512>> = { secp384r1: 384, secp521r1: 512 };

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') {
    return {
      hash: 'sha256',
      identifier: new AlgorithmIdentifier({ algorithm: oids.sha256WithRsa, parameters: null }),
    };
  }
  const bits = hashOfCurve[asymmetricKeyDetails?.namedCurve ?? ''] ?? 256;
  return {
    hash: `sha${bits}`,
    identifier: new AlgorithmIdentifier({ algorithm: oids[`ecdsaWithSha${bits}`] }),
  };
}

/** Without what else is in the memory of a small Buffer. */
const bytesOf = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;
