// chargeyard serve: the server, until it is told to stop.

import { startApp } from '../app.ts';
import type { App } from '../app.ts';
import { variables } from '../config.ts';
import type { Config } from '../config.ts';
import { Invalid } from '../domain/index.ts';
import { newId } from '../ids.ts';
import type { Store } from '../store/index.ts';
import { openStoreFor } from './open.ts';
import { stopSignal } from './stop_signal.ts';
import { startWorkers } from './workers.ts';
import { runVerb } from './verb.ts';
import type { VerbDeps } from './verb.ts';

export async function serve(options: { json?: boolean; workers?: string }): Promise<void> {
  await runVerb(
    options,
    (deps) =>
      whileServing(withWorkers(deps, options.workers), async ({ store, app, stopped }) => {
        const url = `http://${deps.config.baseDomain}:${app.port}`;
        const tlsUrl =
          app.tlsPort === undefined ? undefined : `https://${deps.config.baseDomain}:${app.tlsPort}`;
        const urls = [url, ...(tlsUrl === undefined ? [] : [tlsUrl])].join(' and ');
        deps.console.result({ url, tlsUrl }, `Chargeyard serves ${urls}. Ctrl-C stops it.`);
        if (await store.tenants.areNone()) deps.console.text(firstSteps);
        await stopped;
      }),
    { isService: true },
  );
}

function withWorkers(deps: VerbDeps, text: string | undefined): VerbDeps {
  if (text === undefined) return deps;
  const { parse, form } = variables.CHARGEYARD_WORKERS;
  const workers = parse(text);
  if (workers === undefined) throw new Invalid(`--workers is ${form}.`);
  return { ...deps, config: { ...deps.config, workers } };
}

const firstSteps = `
There is no tenant yet. In another terminal, in this folder:

  npx chargeyard tenant create mytenant
  npx chargeyard user create --tenant mytenant --email you@example.com --first-name You --last-name Yourself --role owner
  npx chargeyard api-client create --tenant mytenant --name "First API client"
  npx chargeyard station create --tenant mytenant --identity cp_1 --label "Station 1"
`;

/** What there is while the server runs; `stopped` resolves when it shall end. */
export type Running = { readonly store: Store; readonly app: App; readonly stopped: Promise<void> };

/**
 * Starts the server, does something while it runs, and stops it in order, whatever happened.
 *
 * @param run is told by `stopped` to end; a signal that comes during the start counts too
 */
export async function whileServing(deps: VerbDeps, run: (running: Running) => Promise<void>): Promise<void> {
  const stopped = stopSignal();
  const { config, log, clock, console } = deps;
  const opened = await openStoreFor('server', deps);
  const { store, connection } = opened;
  try {
    await store.serverProcesses.forgetAllOf(config.node, clock.now());
    const [node = '', ...others] = processesOf(config);
    const app =
      others.length === 0
        ? await startApp({ ...config, node, store, log, clock, newId })
        : await startWorkers([node, ...others], { config, connection, store, clock, log });
    try {
      await run({ store, app, stopped });
    } finally {
      console.progress('Stopping…');
      await app.close();
    }
  } finally {
    await opened.close();
  }
}

/** The names of a server's processes. They are the same at each start, so that what one left open is found again. */
function processesOf({ node, workers }: Config): string[] {
  return Array.from({ length: workers }, (_, at) => `${node}/${at + 1}`);
}
