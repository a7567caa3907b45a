// Ids that tell an instant: UUIDs that begin with its milliseconds (as version 7 does, RFC 9562 §5.7), so that the order of
// ids is that of the instants, whenever the rows are written.

const millisecondDigits = 12;
const latest = 16 ** millisecondDigits - 1;

/** The first 48 bits, as UUIDs are written. What was before 1970 is as 1970; the last year is 10 889. */
export function idTime(instant: Date): string {
  const digits = Math.min(Math.max(0, instant.getTime()), latest)
    .toString(16)
    .padStart(millisecondDigits, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8, millisecondDigits)}`;
}

/** Below every id of the instant, and above every one of an earlier one. */
export const firstIdAt = (instant: Date): string => `${idTime(instant)}-0000-0000-000000000000`;

/**
 * A UUID of version 7 for something of the instant.
 *
 * @param count  decides the order within a millisecond, in which no two may have the same; of it 24 bits count
 * @param random a UUID with 48 random bits at its end, of whoever counts
 */
export function timedId(instant: Date, count: number, random: string): string {
  const digits = (count & 0xff_ff_ff).toString(16).padStart(6, '0');
  return `${idTime(instant)}-7${digits.slice(0, 3)}-8${digits.slice(3)}-${random.slice(-12)}`;
}
