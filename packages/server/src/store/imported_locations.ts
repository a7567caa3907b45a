// Locations of another system's file with their charging stations and connectors: compared with what is there, and
// written as far as they differ, many rows a statement. What a station itself reported is no part of them.

import { Conflict, Invalid } from '../domain/index.ts';
import type { ImportedLocation } from '../domain/index.ts';
import { isFaultOfAValue, sqlState } from './database.ts';
import type { Session } from './database.ts';
import { planned } from './import_plan.ts';
import type { ImportOptions, ImportOutcome } from './import_plan.ts';
import {
  isOneOff,
  knownConnectors,
  knownLocations,
  knownStations,
  statementsFor,
} from './imported_tables.ts';

export function importedLocationsIn(session: Session) {
  /** What is there under the names that the file has. */
  async function plan(tenantId: string, locations: readonly ImportedLocation[], options: ImportOptions) {
    const ocpiIds = locations.map(({ ocpiId }) => ocpiId);
    const identities = locations.flatMap(({ stations }) => stations.map(({ identity }) => identity));
    const known = await session.textRowsAs(tenantId, [
      { text: knownLocations, values: [tenantId, ocpiIds], isOneOff },
      { text: knownStations, values: [tenantId, identities], isOneOff },
      { text: knownConnectors, values: [tenantId, identities], isOneOff },
    ]);
    return planned(locations, known, options);
  }

  return {
    /** Answers what would become of locations, in the order given. */
    async preview(
      tenantId: string,
      locations: readonly ImportedLocation[],
      options: ImportOptions,
    ): Promise<ImportOutcome[]> {
      return (await plan(tenantId, locations, options)).outcomes;
    },

    /**
     * Writes locations, all or none of them; durable when it resolves.
     *
     * @returns what became of each, in the order given
     * @throws {Conflict} when the same rows were written by somebody else meanwhile, time and again
     * @throws {Invalid} when the database takes a value for impossible
     */
    async write(
      tenantId: string,
      locations: readonly ImportedLocation[],
      options: ImportOptions,
    ): Promise<ImportOutcome[]> {
      for (let attempt = 1; ; attempt += 1) {
        const { outcomes, tables } = await plan(tenantId, locations, options);
        const statements = tables.flatMap((table) => statementsFor(table, tenantId, options.now));
        try {
          if (statements.length > 0) await refusing(() => session.transaction([tenantId], statements));
          return outcomes;
        } catch (error) {
          // What somebody else has written meanwhile is there at the next look.
          if (!(error instanceof Conflict) || attempt === attempts) throw error;
        }
      }
    },
  };
}

const attempts = 3;

async function refusing(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!isFaultOfAValue(cause)) throw cause;
    // Keys were free, and rows there, a moment ago.
    const isOvertaken = ['23503', '23505'].includes(sqlState(cause) ?? '');
    throw isOvertaken
      ? new Conflict('It was changed by somebody else at the same time.', { cause })
      : new Invalid('The database cannot hold one of its values.', { cause });
  }
}
