// Maintenance windows: planned times out of service. Which ones may be made, changed and deleted; what a running one
// does to its station is not here.

import { Conflict, Invalid } from './errors.ts';

/** From `startsAt` on, until before `endsAt`. */
export type MaintenanceWindowTimes = { readonly startsAt: Date; readonly endsAt: Date };

// Clocks differ and requests take time: who writes "from now on" means it.
const graceMs = 5 * 60_000;

/** Answers whether a window is still to come, is running or has ended. */
export function maintenanceWindowState(
  { startsAt, endsAt }: MaintenanceWindowTimes,
  now: Date,
): 'planned' | 'running' | 'ended' {
  if (endsAt <= now) return 'ended';
  return startsAt <= now ? 'running' : 'planned';
}

/**
 * Answers the rules that a new window breaks: it starts at most 5 minutes ago, and ends after its start. A time that is not
 * known breaks none.
 *
 * @returns {Invalid} each with the field `startsAt` or `endsAt`, [] for a window that may be made; never throws
 */
export function faultsOfNewMaintenanceWindow(
  { startsAt, endsAt }: Partial<MaintenanceWindowTimes>,
  now: Date,
): Invalid[] {
  if (startsAt === undefined) return [];
  return [
    ...startFaults(startsAt, now),
    ...(endsAt === undefined ? [] : endFaults({ startsAt, endsAt }, 'endsAt')),
  ];
}

/**
 * Answers the rules that a change breaks. One that does not move a time breaks none of that time.
 *
 * @param known   the window as it is
 * @param changed the times that the change names
 * @returns {Invalid} as for a new window, and where the window is moved to have ended more than 5 minutes ago
 * @throws {Conflict} when the window has ended, or is running and is to start at another time: that has happened
 */
export function faultsOfMaintenanceWindowChange(
  known: MaintenanceWindowTimes,
  changed: Partial<MaintenanceWindowTimes>,
  now: Date,
): Invalid[] {
  requireNotEnded(known, now);
  const startMoves = changed.startsAt !== undefined && !isSame(changed.startsAt, known.startsAt);
  const endMoves = changed.endsAt !== undefined && !isSame(changed.endsAt, known.endsAt);
  if (startMoves && maintenanceWindowState(known, now) === 'running') {
    throw new Conflict('The maintenance window is running: its start can no longer be changed.', {
      field: 'startsAt',
    });
  }
  const times = { ...known, ...changed };
  const order = endFaults(times, changed.endsAt === undefined ? 'startsAt' : 'endsAt');
  // The end of a running window may be moved to "now", which ends it.
  const endsInThePast = endMoves && order.length === 0 && isPast(times.endsAt, now);
  return [
    ...(startMoves ? startFaults(times.startsAt, now) : []),
    ...order,
    ...(endsInThePast
      ? [new Invalid('A maintenance window cannot be made to end in the past.', { field: 'endsAt' })]
      : []),
  ];
}

/** @throws {Conflict} when the window has ended: it tells why errors were left out of reports, and stays */
export function requireNotEnded(times: MaintenanceWindowTimes, now: Date): void {
  if (maintenanceWindowState(times, now) !== 'ended') return;
  throw new Conflict('The maintenance window has ended and can no longer be changed or deleted.');
}

function startFaults(startsAt: Date, now: Date): Invalid[] {
  if (!isPast(startsAt, now)) return [];
  return [new Invalid('A maintenance window cannot start in the past.', { field: 'startsAt' })];
}

function endFaults(
  { startsAt, endsAt }: MaintenanceWindowTimes,
  field: keyof MaintenanceWindowTimes,
): Invalid[] {
  if (endsAt > startsAt) return [];
  return [new Invalid('A maintenance window must end after it starts.', { field })];
}

const isPast = (instant: Date, now: Date) => instant.getTime() < now.getTime() - graceMs;
const isSame = (one: Date, other: Date) => one.getTime() === other.getTime();
