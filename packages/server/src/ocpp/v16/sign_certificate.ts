// SignCertificate of OCPP 1.6's security extensions. The certificate itself is sent later, by CertificateSigned: it is ordered
// with the report that the request is. What is rejected is kept, too, for whoever signs it elsewhere.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { stationReport } from './station_report.ts';

export type SignCertificateRequest = { readonly csr: string };
export type SignCertificateResponse = { readonly status: 'Accepted' | 'Rejected' };

export async function handleSignCertificate(
  { csr }: SignCertificateRequest,
  context: CallContext,
): Promise<Outcome<SignCertificateResponse>> {
  const { certificateChain, refusal: reason } = await context.certify(csr);
  const status = certificateChain === undefined ? 'Rejected' : 'Accepted';
  return {
    facts: [
      stationReport('certificate_request', { status, details: csr, reason, certificateChain }, context),
    ],
    response: { status },
  };
}
