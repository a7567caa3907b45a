import { describe, expect, it } from 'vitest';
import {
  Conflict,
  faultsOfMaintenanceWindowChange,
  faultsOfNewMaintenanceWindow,
  maintenanceWindowState,
  requireNotEnded,
} from '../../src/domain/index.ts';
import type { Invalid } from '../../src/domain/index.ts';

const now = new Date('2026-11-25T12:00:00.000Z');
/** Minutes from now. */
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const window = (start: number, end: number) => ({ startsAt: at(start), endsAt: at(end) });
const fields = (faults: readonly Invalid[]) => faults.map(({ field }) => field);
const msMinutes = 1 / 60_000;

describe('a maintenance window', () => {
  it.each([
    ['planned', 1, 2],
    ['planned', msMinutes, 2],
    ['running', 0, 2],
    ['running', -1, msMinutes],
    ['ended', -1, 0],
    ['ended', -2, -1],
  ] as const)('is %s from %d to %d minutes from now', (state, start, end) => {
    expect(maintenanceWindowState(window(start, end), now)).toBe(state);
  });
});

describe('a new maintenance window', () => {
  it.each([
    ['in the future', 60, 120, []],
    ['from now on', 0, 1, []],
    ['of a millisecond', 1, 1 + msMinutes, []],
    ['that began five minutes ago', -5, 60, []],
    ['that began a moment more than five minutes ago', -5 - msMinutes, 60, ['startsAt']],
    ['in the past', -120, -60, ['startsAt']],
    ['that ends when it starts', 60, 60, ['endsAt']],
    ['that ends before it starts', 60, 30, ['endsAt']],
    ['that breaks both rules', -60, -120, ['startsAt', 'endsAt']],
  ])('%s', (_, start, end, broken) => {
    expect(fields(faultsOfNewMaintenanceWindow(window(start, end), now))).toEqual(broken);
  });
});

describe('a change of a planned window', () => {
  const known = window(60, 120);
  it.each([
    ['of no time', {}, []],
    ['that repeats both', { ...known }, []],
    ['of both', window(30, 45), []],
    ['to start now', { startsAt: at(0) }, []],
    ['to start in the past', { startsAt: at(-6) }, ['startsAt']],
    ['to start after its end', { startsAt: at(121) }, ['startsAt']],
    ['to end at its start', { endsAt: at(60) }, ['endsAt']],
    ['to both in the past', window(-60, -30), ['startsAt', 'endsAt']],
    ['to an end before a start', window(90, 80), ['endsAt']],
  ])('%s', (_, changed, broken) => {
    expect(fields(faultsOfMaintenanceWindowChange(known, changed, now))).toEqual(broken);
  });
});

describe('a change of a running window', () => {
  const known = window(-60, 60);
  it.each([
    ['of no time', {}, []],
    ['that repeats both', { ...known }, []],
    ['to a later end', { endsAt: at(600) }, []],
    ['to end now', { endsAt: at(0) }, []],
    ['to end five minutes ago', { endsAt: at(-5) }, []],
    ['to have ended before that', { endsAt: at(-6) }, ['endsAt']],
    ['to end before its start', { endsAt: at(-61) }, ['endsAt']],
  ])('%s', (_, changed, broken) => {
    expect(fields(faultsOfMaintenanceWindowChange(known, changed, now))).toEqual(broken);
  });

  it.each([-61, -59, 0, 30])('to start at %d minutes is a conflict: it has started', (start) => {
    const change = () => faultsOfMaintenanceWindowChange(known, { startsAt: at(start) }, now);
    expect(change).toThrow(Conflict);
    expect(change).toThrow(expect.objectContaining({ field: 'startsAt' }));
  });
});

describe('a window that has ended', () => {
  it.each([{}, { endsAt: at(60) }, window(60, 120)])('is not changed (%j)', (changed) => {
    expect(() => faultsOfMaintenanceWindowChange(window(-2, 0), changed, now)).toThrow(Conflict);
  });

  it('is not deleted; one that has not, is', () => {
    expect(() => requireNotEnded(window(-2, 0), now)).toThrow(Conflict);
    expect(() => requireNotEnded(window(-2, msMinutes), now)).not.toThrow();
  });
});
