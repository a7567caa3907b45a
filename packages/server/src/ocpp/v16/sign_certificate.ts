// SignCertificate of OCPP 1.6's security extensions. There is no certificate authority to forward the request to, so it is
// rejected; it is kept, for whoever signs it elsewhere.

import type { CallContext, Outcome } from '../rpc/action.ts';
import { stationReport } from './station_report.ts';

export type SignCertificateRequest = { readonly csr: string };
export type SignCertificateResponse = { readonly status: 'Accepted' | 'Rejected' };

export function handleSignCertificate(
  { csr }: SignCertificateRequest,
  context: CallContext,
): Outcome<SignCertificateResponse> {
  return {
    facts: [stationReport('certificate_request', { status: 'Rejected', details: csr }, context)],
    response: { status: 'Rejected' },
  };
}
