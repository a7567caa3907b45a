// What has to be done now and then, whoever asks for nothing: partitions are made and dropped. One process at a time does
// it; whoever comes meanwhile leaves it to that one.

import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { connectedClient } from './connected_client.ts';
import { dropPartitions, makePartitions } from './time_partitions.ts';
import type { PartitionedTable, Upkeep } from './time_partitions.ts';

// Any number of our own; held for the session, so it cannot outlive a process that dies.
const housekeepingLock = 7_203_116;

// While one waits for a lock, others wait behind him; so he gives up soon, and comes again.
const lockTimeout = '1s';

type Chores = (now: Date, signal: AbortSignal) => Promise<void>;

export type Housekeeping = {
  /** Makes the partitions into which rows will soon be written. */
  readonly prepare: Chores;
  /** Does all that is due. */
  readonly keep: Chores;
};

/**
 * Both throw {StartError} when the database cannot be reached. A table where something else fails does not keep the others
 * from it; that is logged, and done the next time. They end soon when their signal is aborted.
 */
export function housekeepingIn(
  connection: ClientConfig,
  { tables, log }: { tables: readonly PartitionedTable[]; log: Logger },
): Housekeeping {
  type Chore = (table: PartitionedTable, upkeep: Upkeep) => Promise<void>;

  async function doAll(chores: readonly Chore[], now: Date, signal: AbortSignal): Promise<void> {
    const client = await connectedClient(connection, 'chargeyard-housekeeping');
    try {
      await client.query(`set timezone = 'UTC'; set lock_timeout = '${lockTimeout}'`);
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
        housekeepingLock,
      ]);
      if (rows[0]?.got !== true) return;
      for (const chore of chores) {
        for (const table of tables) {
          try {
            await chore(table, { client, now, log, signal });
          } catch (error) {
            log.warn({ table: table.name, err: error }, 'partitions could not be kept; this is tried again');
          }
        }
      }
    } finally {
      await client.end();
    }
  }

  return {
    prepare: (now, signal) => doAll([makePartitions], now, signal),
    keep: (now, signal) => doAll([makePartitions, dropPartitions], now, signal),
  };
}
