// OCPI's Hours (mod_locations, Hours class) with the location's time zone, in which the regular hours are meant.

import { numberIn, objectIn, textIn } from './given.ts';

/** Answers the time settings; undefined when the file has none. What is wrong in them is left for the declaration. */
export function timeSettingsIn(openingTimes: unknown, timeZone: string | undefined): unknown {
  if (openingTimes === undefined || openingTimes === null) return undefined;
  const hours = objectIn(openingTimes);
  if (hours === undefined) return openingTimes;
  const regularHours = listOf(hours['regular_hours'], (period) => ({
    weekday: numberIn(period['weekday']),
    periodBegin: timeOfDay(period['period_begin']),
    periodEnd: timeOfDay(period['period_end']),
  }));
  // 2.1.1 has one or the other; 2.2 says that regular hours count only where it is not always open.
  const isAlways = hours['twentyfourseven'] ?? (regularHours === undefined ? undefined : false);
  return defined({
    twentyfourseven: isAlways,
    regularHours: isAlways === true ? undefined : regularHours,
    exceptionalOpenings: periodsIn(hours['exceptional_openings']),
    exceptionalClosings: periodsIn(hours['exceptional_closings']),
    timeZone,
  });
}

function periodsIn(value: unknown): unknown {
  return listOf(value, (period) => ({
    periodBegin: instant(period['period_begin']),
    periodEnd: instant(period['period_end']),
  }));
}

function listOf(
  value: unknown,
  mapped: (item: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): unknown {
  if (!Array.isArray(value)) return value ?? undefined;
  return value.map((item: unknown) => {
    const members = objectIn(item);
    return members === undefined ? item : defined(mapped(members));
  });
}

/** HH:MM; some write seconds, or no leading zero. */
function timeOfDay(value: unknown): unknown {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(textIn(value) ?? '') ?? [];
  return hours === undefined ? (value ?? undefined) : `${hours.padStart(2, '0')}:${minutes}`;
}

/** DateTime without a zone is UTC (types, DateTime type). */
function instant(value: unknown): unknown {
  const text = textIn(value);
  return text !== undefined && /T[\d:.]+$/.test(text) ? `${text}Z` : (text ?? value ?? undefined);
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
