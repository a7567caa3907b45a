// A certificate signing request (PKCS #10, RFC 2986) of a charging station, checked: its form, its signature, its key, and
// whose name it has.

import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import type { Name } from '@peculiar/asn1-x509';
import { keyFault } from './key_strength.ts';
import { oids } from './oids.ts';

export type CheckedRequest = {
  readonly publicKey: KeyObject;
  /** The name of the station's owner, where it gives one. */
  readonly organization: string | undefined;
};

// Some stations escape the ends of lines twice.
const space = String.raw`(?:\s|\\[nr])*`;
const label = String.raw`(?:NEW )?CERTIFICATE REQUEST-----`;
const pem = new RegExp(
  String.raw`^${space}-----BEGIN ${label}((?:[A-Za-z0-9+/=\s]|\\[nr])+)-----END ${label}${space}$`,
);

// X.520: 64 characters at most.
const isOrganization = /^\P{C}{1,64}$/u;

/** By the algorithm of the signature: the type of the key, and the hash. */
const algorithms = new Map<string, readonly [type: string, hash: string]>([
  [oids.sha256WithRsa, ['rsa', 'sha256']],
  [oids.sha384WithRsa, ['rsa', 'sha384']],
  [oids.sha512WithRsa, ['rsa', 'sha512']],
  [oids.ecdsaWithSha256, ['ec', 'sha256']],
  [oids.ecdsaWithSha384, ['ec', 'sha384']],
  [oids.ecdsaWithSha512, ['ec', 'sha512']],
]);

/**
 * Reads a request, and answers what is to be signed, or in a sentence why it is not. Never throws.
 *
 * @param identity what its subject's common name must be
 */
export function checkedRequest(csr: string, identity: string): CheckedRequest | { readonly refusal: string } {
  const read = readRequest(csr);
  if (read === undefined) return { refusal: 'It is no certificate signing request (PKCS #10, PEM).' };
  const { request, publicKey } = read;
  const fault = keyFault(publicKey);
  if (fault !== undefined) return { refusal: fault };
  const [type, hash] = algorithms.get(request.signatureAlgorithm.algorithm) ?? [];
  if (type !== publicKey.asymmetricKeyType) {
    return { refusal: 'It is not signed by ECDSA or RSA (PKCS #1) with SHA-256, SHA-384 or SHA-512.' };
  }
  const signed = Buffer.from(request.certificationRequestInfoRaw ?? new ArrayBuffer());
  if (!verify(hash, signed, publicKey, Buffer.from(request.signature))) {
    return { refusal: 'Its signature is not that of its key.' };
  }
  const { subject } = request.certificationRequestInfo;
  const [name, ...others] = valuesOf(subject, oids.commonName);
  if (name !== identity || others.length > 0) {
    const told = JSON.stringify([name ?? '', ...others].join(', ').slice(0, 64));
    return { refusal: `Its common name (CN) is ${told}; it must be the charging station’s identity.` };
  }
  const [organization = '', ...more] = valuesOf(subject, oids.organization);
  const isOne = isOrganization.test(organization) && more.length === 0;
  return { publicKey, organization: isOne ? organization : undefined };
}

function readRequest(csr: string) {
  const base64 = pem.exec(csr)?.[1]?.replaceAll(/\\[nr]/g, '');
  if (base64 === undefined) return undefined;
  try {
    const request = AsnConvert.parse(Buffer.from(base64, 'base64'), CertificationRequest);
    const key = AsnConvert.serialize(request.certificationRequestInfo.subjectPKInfo);
    const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
    return { request, publicKey };
  } catch {
    return undefined;
  }
}

/** Answers the texts of an attribute. */
function valuesOf(subject: Name, type: string): string[] {
  return subject.flatMap((part) =>
    part
      .filter((attribute) => attribute.type === type && attribute.value.anyValue === undefined)
      .map(({ value }) => String(value)),
  );
}
