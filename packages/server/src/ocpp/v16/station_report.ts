// The fact that a station's report of itself is. One for the notifications of firmware, diagnostics, logs and security.

import type { StationReported } from '../../domain/index.ts';
import type { CallContext } from '../rpc/action.ts';

type Told = {
  readonly status?: string | undefined;
  readonly securityEvent?: string;
  readonly requestId?: number | undefined;
  readonly details?: string | undefined;
  readonly reason?: string | undefined;
  readonly certificateChain?: string | undefined;
  readonly toldAt?: Date;
};

// The schema says only "integer". The ids are ours, so one beyond PostgreSQL's integer is none.
const highestRequestId = 2 ** 31 - 1;

export function stationReport(
  report: StationReported['report'],
  { status, securityEvent, requestId, details, reason, certificateChain, toldAt }: Told,
  { station, receivedAt }: CallContext,
): StationReported {
  const isId = requestId !== undefined && Math.abs(requestId) <= highestRequestId;
  return {
    ...station,
    kind: 'station_reported',
    report,
    status,
    securityEvent,
    requestId: isId ? requestId : undefined,
    details,
    reason,
    certificateChain,
    toldAt,
    receivedAt,
  };
}
