// Lists as a person reads them: columns of equal width, a line a row.

/**
 * Answers the lines.
 *
 * @param empty the sentence where there are no rows
 */
export function tableOf(
  headings: readonly string[],
  rows: readonly (readonly (string | null | undefined)[])[],
  empty: string,
): string {
  if (rows.length === 0) return empty;
  const lines = [headings, ...rows.map((row) => row.map((cell) => printable(cell ?? '–')))];
  const widths = headings.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Stations and people write texts: none of them may give orders to a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
