// A part of what a group of facts does to the database.

import type { FactResult, StationFact } from '../domain/index.ts';
import type { Statement } from './database.ts';

/** A statement, and what its rows answer to facts; those that are not there have undefined. */
export type Step = Statement & {
  readonly results?: (
    rows: readonly unknown[],
  ) => readonly (readonly [StationFact, FactResult<StationFact>])[];
};
