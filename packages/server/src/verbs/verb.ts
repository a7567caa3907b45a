// What every verb is handed, and how its failures end: expected ones in a sentence, the rest with their stack.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { ConfigError, readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { DomainError } from '../domain/index.ts';
import { createLog } from '../log.ts';
import { StartError } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { createConsole } from './console.ts';
import type { Console } from './console.ts';
import { openStoreFor } from './open.ts';

export type VerbDeps = {
  readonly config: Config;
  readonly log: Logger;
  readonly console: Console;
  readonly clock: Clock;
  /** Gives the process another exit code than 0 though the verb did not fail. */
  readonly endWith: (exitCode: number) => void;
};

/**
 * Runs a verb and ends the process's work with the right exit code: 0, or 1 after a sentence on standard error.
 *
 * @param isService the verb is what a service manager runs, so its log is more than warnings
 */
export async function runVerb(
  options: { json?: boolean },
  verb: (deps: VerbDeps) => Promise<void>,
  { isService = false } = {},
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', throwUnlessUnread);
  try {
    const config = readConfig(process.env);
    const toTerminal = process.stderr.isTTY;
    const log = createLog({
      level: config.logLevel ?? (isService && !toTerminal ? 'info' : 'warn'),
      toTerminal,
    });
    const console = createConsole({ json: options.json ?? false });
    await verb({ config, log, console, clock: systemClock, endWith });
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${failureText(error)}\n`);
  }
}

/** Whoever reads what is printed may have read enough (`| head`): the verb's work goes on to its end. */
function throwUnlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function endWith(exitCode: number): void {
  process.exitCode = exitCode;
}

/** Runs a verb that works on the store, whether or not a server runs. */
export function runOnStore(
  options: { json?: boolean },
  verb: (deps: VerbDeps & { store: Store }) => Promise<void>,
): Promise<void> {
  return runVerb(options, async (deps) => {
    const opened = await openStoreFor('verb', deps);
    try {
      await verb({ ...deps, store: opened.store });
    } finally {
      await opened.close();
    }
  });
}

/** What is printed of a failure: an expected one's sentence, another's stack. */
export function failureText(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DomainError || error instanceof StartError)
    return error.message;
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(failureText).join('\n');
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `The port is taken by another program: stop that, or choose another with CHARGEYARD_PORT. (${error.message})`;
    case 'EACCES':
      return `This user may not listen on that port: choose one above 1023 with CHARGEYARD_PORT. (${error.message})`;
    default:
      return error.stack ?? error.message;
  }
}
