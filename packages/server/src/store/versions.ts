// A row's version is its updated_at. Every write that changes what the API shows sets it by this expression.

/**
 * Answers the SQL of a row's next version: later than the one it has, though the clock that tells `now` may be behind, or
 * two writes fall into one microsecond; else an old version could come back, and pass as the one that was read.
 *
 * @param now     SQL of the present instant
 * @param present SQL of the row's version
 */
export function nextVersion(now: string, present = 's.updated_at'): string {
  return `greatest(${now}, ${present} + interval '1 microsecond')`;
}
