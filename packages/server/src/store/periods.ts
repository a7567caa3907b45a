// Days, weeks (from Monday on) and months of UTC.

export type PeriodLength = 'day' | 'week' | 'month';

/** From an instant up to another, which is the next period's. */
export type Period = { readonly start: Date; readonly end: Date };

/** Answers the period that an instant is in. */
export function periodOf(length: PeriodLength, instant: Date): Period {
  const [year, month, day] = [instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate()];
  const monday = day - ((instant.getUTCDay() + 6) % 7);
  const periods = {
    day: between([year, month, day], [year, month, day + 1]),
    week: between([year, month, monday], [year, month, monday + 7]),
    month: between([year, month, 1], [year, month + 1, 1]),
  };
  return periods[length];
}

/** Answers a period and those after it, so many in all. */
export function periodsFrom(first: Period, length: PeriodLength, count: number): Period[] {
  const periods = [first];
  for (let last = first; periods.length < count; periods.push(last)) last = periodOf(length, last.end);
  return periods;
}

type Day = readonly [year: number, month: number, day: number];

const between = (start: Day, end: Day): Period => ({
  start: new Date(Date.UTC(...start)),
  end: new Date(Date.UTC(...end)),
});
