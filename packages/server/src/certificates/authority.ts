// A certificate authority of two files. They are read for each certificate, so that new ones count at once; what cannot be
// used is logged, and what was read before is kept.

import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { CertificateAnswer, CertificateApplicant } from '../domain/index.ts';
import { checkedRequest } from './certificate_request.ts';
import { signedCertificate } from './signed_certificate.ts';
import { signerOf } from './signer.ts';
import type { Signer } from './signer.ts';

export type AuthorityFiles = {
  /** The authority's certificate, then those between it and the root, PEM. */
  readonly certificateFile: string;
  readonly keyFile: string;
};

export type CertificateAuthority = {
  /** Signs a certificate signing request (PEM), or answers why not. Never rejects. */
  readonly certify: (csr: string, applicant: CertificateApplicant) => Promise<CertificateAnswer>;
};

export type CertificateAuthorityDeps = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly newSerialNumber: () => Buffer;
};

// CertificateSigned.req, certificateChain.
const longestChain = 10_000;

const unproven =
  'Only a charging station of security profile 3, or of 2 with a password of its own, is given a certificate, over a connection ' +
  'that it has opened since that last changed.';

/** @throws {Error} in a sentence, when the files cannot be used */
export async function certificateAuthority(
  files: AuthorityFiles,
  { clock, log, newSerialNumber }: CertificateAuthorityDeps,
): Promise<CertificateAuthority> {
  let signer = await readSigner(files);

  async function certified(csr: string, applicant: CertificateApplicant): Promise<CertificateAnswer> {
    if (!applicant.isProven) return { refusal: unproven };
    const request = checkedRequest(csr, applicant.identity);
    if ('refusal' in request) return request;
    signer = await readSigner(files).catch((error: unknown) => {
      log.error({ err: error }, 'the certificate authority’s files cannot be used; those before are kept');
      return signer;
    });
    const now = clock.now();
    if (signer.expiresAt <= now)
      return { refusal: 'The certificate of the certificate authority has expired.' };
    const serialNumber = newSerialNumber();
    const certificate = await signedCertificate(request, { applicant, signer, now, serialNumber });
    const certificateChain = [certificate, ...signer.chain].join('');
    if (certificateChain.length > longestChain) {
      return { refusal: `The certificate and its chain have more than OCPP’s ${longestChain} characters.` };
    }
    log.info({ ...named(applicant), serialNumber: serialNumber.toString('hex') }, 'a certificate was signed');
    return { certificateChain };
  }

  return {
    async certify(csr, applicant) {
      try {
        return await certified(csr, applicant);
      } catch (error) {
        log.error({ ...named(applicant), err: error }, 'a certificate could not be signed');
        return { refusal: 'The certificate authority could not sign it; the log says why.' };
      }
    },
  };
}

const named = ({ chargingStationId, identity }: CertificateApplicant) => ({ chargingStationId, identity });

async function readSigner({ certificateFile, keyFile }: AuthorityFiles): Promise<Signer> {
  try {
    return signerOf(await readFile(certificateFile, 'utf8'), await readFile(keyFile));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The certificate authority for charging stations cannot be used: ${reason}`, { cause });
  }
}
