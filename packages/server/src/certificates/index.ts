// The door of the room: signs what charging stations ask for, where there is a certificate authority. What reads and writes
// ASN.1 takes 20 MB of memory, so it is loaded where it is needed.

import type { CertificateAnswer } from '../domain/index.ts';
import type { AuthorityFiles, CertificateAuthority, CertificateAuthorityDeps } from './authority.ts';

export type { AuthorityFiles, CertificateAuthority } from './authority.ts';

/** @throws {Error} in a sentence, when the files cannot be used */
export async function openCertificateAuthority(
  files: AuthorityFiles,
  deps: CertificateAuthorityDeps,
): Promise<CertificateAuthority> {
  const { certificateAuthority } = await import('./authority.ts');
  return certificateAuthority(files, deps);
}

/** Signs nothing. */
export const noCertificateAuthority: CertificateAuthority = {
  certify: async (): Promise<CertificateAnswer> => ({ refusal: 'There is no certificate authority here.' }),
};
