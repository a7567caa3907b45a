// Timestamps as stations write them: a space for the T, no zone, a zone of hours alone, seconds or milliseconds since 1970.

const written =
  /^\s*(\d{4})-?(\d\d)-?(\d\d)[T\s]+(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?\s*$/i;

/**
 * Answers the instant that a text means, as RFC 3339 with Z; undefined where it means none, or more than one.
 *
 * @param timeZone IANA name; whose clock shows the time where the text names no zone
 */
export function repairedInstant(text: string, timeZone: string): string | undefined {
  if (/^\d{10}$/.test(text)) return asText(Number(text) * 1000);
  if (/^\d{13}$/.test(text)) return asText(Number(text));
  const [, year, month, day, hour = '', minute, second = '00', fraction = '0', zone] =
    written.exec(text) ?? [];
  if (year === undefined) return undefined;
  const local = `${year}-${month}-${day}T${hour.padStart(2, '0')}:${minute}:${second}.${fraction}`;
  try {
    const instant =
      zone === undefined
        ? Temporal.PlainDateTime.from(local, { overflow: 'reject' }).toZonedDateTime(timeZone).toInstant()
        : Temporal.Instant.from(`${local}${/^[a-z]/i.test(zone) ? 'Z' : zone}`);
    return asText(instant.epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function asText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
