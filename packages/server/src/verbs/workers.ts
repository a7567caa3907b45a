// The server as several processes on the same ports: this one, the primary, keeps the database open and the others, its
// workers, running. They hold the connections and answer the requests; node:cluster hands each new connection to the next
// of them (docs/decisions/workers_by_cluster.md).

import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import type { App } from '../app.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { collectorArguments } from '../garbage_collection.ts';
import { StartError } from '../store/index.ts';
import type { Store } from '../store/index.ts';

/** What a worker is given; the database's password among it, which arguments and environment would show. */
export type WorkerStart = {
  readonly config: Config;
  readonly connection: ClientConfig;
  readonly logLevel: string;
  /** Its name. */
  readonly node: string;
};

export type ToldWorker = { readonly begin: WorkerStart } | { readonly end: true };

export type ToldPrimary =
  | { readonly serves: { readonly port: number; readonly tlsPort: number | undefined } }
  | { readonly failed: string };

// A worker that dies is replaced at once; one that dies again and again, ever later.
const firstWaitMs = 100;
const longestWaitMs = 30_000;
const soundAfterMs = 60_000;
// Longer than a worker needs for what is under way; one that hangs must not keep the server from stopping.
const endsWithinMs = 30_000;

/**
 * Starts the workers, the first one alone: what keeps it from serving would keep the others, too.
 *
 * @param nodes the workers' names
 * @throws {StartError} in the first worker's sentence when it cannot serve
 */
export async function startWorkers(
  nodes: readonly string[],
  {
    config,
    connection,
    store,
    clock,
    log,
  }: {
    config: Config;
    connection: ClientConfig;
    store: Pick<Store, 'serverProcesses'>;
    clock: Clock;
    log: Logger;
  },
): Promise<App> {
  // The first time for the arguments that this process has.
  cluster.setupPrimary();
  const { execArgv = [] } = cluster.settings;
  cluster.setupPrimary({ execArgv: [...execArgv, ...collectorArguments(nodes.length)] });
  const ending = new AbortController();
  const running = new Map<string, Worker>();

  async function started(node: string): Promise<{ port: number; tlsPort: number | undefined }> {
    const worker = cluster.fork();
    running.set(node, worker);
    worker.once('exit', () => running.delete(node));
    // Of a process that could not be made, or not be told something; without a listener it would end this one.
    worker.on('error', (error) => log.warn({ worker: node, err: error }, 'a worker failed'));
    tell(worker, { begin: { config, connection, logLevel: log.level, node } });
    const told = await firstWord(worker);
    if ('failed' in told) throw new StartError(told.failed);
    log.info({ worker: node, pid: worker.process.pid }, 'a worker serves');
    return told.serves;
  }

  /** Starts a worker again whenever it ended, until all are to end. */
  async function keep(node: string): Promise<void> {
    let waitMs = firstWaitMs;
    let startedAt = performance.now();
    while (!ending.signal.aborted) {
      const worker = running.get(node);
      if (worker !== undefined) {
        const how = await endOf(worker);
        if (ending.signal.aborted) return;
        log.warn({ worker: node, ...how }, 'a worker ended; it is started again');
        if (performance.now() - startedAt > soundAfterMs) waitMs = firstWaitMs;
      }
      await store.serverProcesses
        .forget(node, clock.now())
        .catch((error: unknown) => log.warn({ err: error }, 'what a worker left open could not be closed'));
      await delay(waitMs, undefined, { signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted) return;
      waitMs = Math.min(waitMs * 2, longestWaitMs);
      startedAt = performance.now();
      await started(node).catch((error: unknown) =>
        log.warn({ worker: node, err: error }, 'a worker could not be started; it is tried again'),
      );
    }
  }

  async function end(): Promise<void> {
    ending.abort();
    const workers = [...running.values()];
    for (const worker of workers) tell(worker, { end: true });
    await Promise.all(workers.map(endOfTold));
  }

  const [first = '', ...others] = nodes;
  try {
    const { port, tlsPort } = await started(first);
    await Promise.all(others.map(started));
    const kept = nodes.map(keep);
    return {
      port,
      tlsPort,
      async close() {
        await end();
        await Promise.all(kept);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Waits for what a worker says when it serves, or cannot. */
function firstWord(worker: Worker): Promise<ToldPrimary> {
  return new Promise((resolve) => {
    worker.once('message', (told: ToldPrimary) => resolve(told));
    worker.once('exit', () => resolve({ failed: 'A worker ended while it was starting; see the log.' }));
  });
}

function tell(worker: Worker, told: ToldWorker): void {
  // One that has ended hears nothing any more.
  if (worker.isConnected()) worker.send(told, () => undefined);
}

function endOf(worker: Worker): Promise<{ code: number; signal: string | null }> {
  return new Promise((resolve) => {
    worker.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

async function endOfTold(worker: Worker): Promise<void> {
  const isTooLong = setTimeout(() => worker.process.kill('SIGKILL'), endsWithinMs);
  await endOf(worker);
  clearTimeout(isTooLong);
}
