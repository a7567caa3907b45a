// Errors of stations (`errors` on the wire): from a report that tells of a fault to one that tells of none, or of another.
// Whether a maintenance window covers one is asked when it is read, and not here.

import type { ConnectorReported } from './station_fact.ts';

/** Answers whether a report tells of a fault. Some stations are Faulted without a code, some have a code while they charge. */
export function isFault({ errorCode, status }: Pick<ConnectorReported, 'errorCode' | 'status'>): boolean {
  return errorCode !== 'NoError' || status === 'Faulted';
}

/**
 * Answers the reports that change which error a connector has: neighbours that tell the same fault, or none, are one, at
 * the instant of the first and with status and info of the last.
 *
 * @param reports of one connector, in the order in which they came
 */
export function errorChanges(reports: readonly ConnectorReported[]): ConnectorReported[] {
  const changes: ConnectorReported[] = [];
  for (const report of reports) {
    const previous = changes.at(-1);
    if (previous === undefined || !tellSameFault(previous, report)) changes.push(report);
    else changes.splice(-1, 1, { ...previous, status: report.status, info: report.info });
  }
  return changes;
}

function tellSameFault(one: ConnectorReported, other: ConnectorReported): boolean {
  if (!isFault(one) || !isFault(other)) return isFault(one) === isFault(other);
  return one.errorCode === other.errorCode && one.vendorErrorCode === other.vendorErrorCode;
}
