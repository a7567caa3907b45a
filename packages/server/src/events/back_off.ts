// When what failed is tried again: after 5 seconds, then twice as long each time, up to an hour; over a day.

/** What fails for so long is given up. */
export const givenUpAfterMs = 24 * 60 * 60 * 1000;

const firstSeconds = 5;
const longestSeconds = 3_600;

/**
 * Answers how long to wait, in milliseconds.
 *
 * @param failures how often it has failed, at least once
 * @param random   0 to 1; a fifth more or less, so that what failed together does not come together
 * @param atLeast  seconds that the receiver asked for; an hour is enough
 */
export function backOffMs(failures: number, random: number, atLeast = 0): number {
  const seconds = Math.min(firstSeconds * 2 ** (failures - 1), longestSeconds) * (0.8 + 0.4 * random);
  return Math.round(1000 * Math.max(seconds, Math.min(atLeast, longestSeconds)));
}
