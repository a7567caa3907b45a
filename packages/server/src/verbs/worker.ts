// One of the processes of a server that has several (workers.ts). It ends when the primary says so, or a signal; when the
// primary is gone, node:cluster ends it at once.

import cluster from 'node:cluster';
import { startApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { newId } from '../ids.ts';
import { createLog } from '../log.ts';
import { openStore } from '../store/index.ts';
import { stopSignal } from './stop_signal.ts';
import { failureText } from './verb.ts';
import type { ToldPrimary, ToldWorker, WorkerStart } from './workers.ts';

export async function worker(): Promise<void> {
  const signal = stopSignal();
  try {
    const { begin, end } = heard();
    await serve(await begin, Promise.race([signal, end]));
  } catch (error) {
    tell({ failed: failureText(error) });
    process.exitCode = 1;
  } finally {
    cluster.worker?.disconnect();
  }
}

async function serve(
  { config, connection, logLevel, node }: WorkerStart,
  stopped: Promise<void>,
): Promise<void> {
  const log = createLog({ level: logLevel, toTerminal: process.stderr.isTTY, node });
  const store = await openStore({ connection, log, newId, maxConnections: config.databaseConnections });
  try {
    const app = await startApp({ ...config, node, store, log, clock: systemClock, newId });
    tell({ serves: { port: app.port, tlsPort: app.tlsPort } });
    await stopped;
    await app.close();
  } finally {
    await store.close();
  }
}

/** What the primary says, in the order in which it does. */
function heard(): { begin: Promise<WorkerStart>; end: Promise<void> } {
  const begin = Promise.withResolvers<WorkerStart>();
  const end = Promise.withResolvers<void>();
  process.on('message', (told: ToldWorker) => {
    if ('begin' in told) begin.resolve(told.begin);
    else end.resolve();
  });
  return { begin: begin.promise, end: end.promise };
}

function tell(told: ToldPrimary): void {
  process.send?.(told);
}
