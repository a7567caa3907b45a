// One process at a time may prepare, start or stop the PostgreSQL of a data folder. The gate is a lock of the
// operating system, so a process that dies, however it dies, gives it back: a file with a pid in it could not do
// that. Node has no file locks of its own; SQLite, which is part of Node, takes them for us on an empty database.

import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start_error.ts';

const patienceMs = 180_000;
const retryMs = 20;
// Short starts and stops of others are nobody's business.
const silentMs = 1_500;
const sqliteBusy = 5;

/** Waits for the gate, runs `work` and gives the gate back. */
export async function behindStartGate<Result>(
  gateFile: string,
  progress: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const gate = await takenGate(gateFile, progress);
  try {
    return await work();
  } finally {
    gate.close();
  }
}

async function takenGate(gateFile: string, progress: (line: string) => void): Promise<DatabaseSync> {
  const askedAt = performance.now();
  let isAnnounced = false;
  for (;;) {
    const gate = tryGate(gateFile);
    if (gate !== undefined) return gate;
    const waitedMs = performance.now() - askedAt;
    if (waitedMs > silentMs && !isAnnounced) {
      isAnnounced = true;
      progress('Waiting for another Chargeyard process that starts or stops PostgreSQL …');
    }
    if (waitedMs > patienceMs) {
      throw new StartError(
        `Another Chargeyard process has been starting or stopping PostgreSQL for ${patienceMs / 1000} seconds ` +
          `and holds ${gateFile}: end it (it may be suspended) and start again.`,
      );
    }
    await delay(retryMs);
  }
}

function tryGate(gateFile: string): DatabaseSync | undefined {
  let gate: DatabaseSync | undefined;
  try {
    gate = new DatabaseSync(gateFile, { timeout: 0 });
    // No journal: nothing is ever written, and no second file shall lie about.
    gate.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // SQLite made it readable for others, who could then lock it against us.
    chmodSync(gateFile, 0o600);
    return gate;
  } catch (error) {
    gate?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `The lock file ${gateFile} cannot be used (${reason}): make sure that this user may write it and that its ` +
        `disk has space and supports locks, or choose another data folder.`,
      { cause: error },
    );
  }
}
