// Plans are made once for each connection (database.ts). What is the best way into an empty table is the worst into one that
// has grown since; new statistics have them made anew, and autovacuum comes only once a minute.

import type { Logger } from 'pino';
import type { Database } from './database.ts';

const dueAfterWrites = [250, 1_000, 4_000, 16_000, 64_000, 256_000];

/** Answers the function that is told how many rows more were written to the tables, and has them analysed as they grow. */
export function analysedAsTheyGrow(
  database: Database,
  tables: readonly string[],
  log: Logger,
): (rows: number) => void {
  let written = 0;
  let due = dueAfterWrites;
  return (rows) => {
    written += rows;
    if (written < (due[0] ?? Number.POSITIVE_INFINITY)) return;
    due = due.filter((after) => after > written);
    database
      .query(`analyze ${tables.join(', ')}`)
      .catch((error: unknown) => log.warn({ err: error }, 'tables could not be analysed'));
  };
}
