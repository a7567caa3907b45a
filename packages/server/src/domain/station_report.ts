// What a station reports of itself, beside its connectors: of work that it was asked for, and of its security.

import type { StationReported } from './station_fact.ts';

/** A report of a group that says something new in it. */
export type SelfReport = {
  readonly report: StationReported;
  /** The group has another of its station and kind before it, to which it is news. */
  readonly isNewsInGroup: boolean;
};

/**
 * Leaves out of a group of reports, in order, what is said again: one that tells its time, by whatever the group says of
 * that instant; one that tells none, by what was said of its kind last, since some stations report a download again and
 * again while it lasts.
 */
export function reportsWithoutRepeats(reports: readonly StationReported[]): SelfReport[] {
  const last = new Map<string, string>();
  return reports.flatMap((report) => {
    const { tenantId, chargingStationId, status, securityEvent, requestId, details, reason, toldAt } = report;
    const said = JSON.stringify([status, securityEvent, requestId, details, reason, toldAt]);
    const ofKind = `${tenantId}/${chargingStationId}/${report.report}`;
    const key = toldAt === undefined ? ofKind : `${ofKind}/${said}`;
    const before = last.get(key);
    last.set(key, said);
    return before === said ? [] : [{ report, isNewsInGroup: before !== undefined }];
  });
}
