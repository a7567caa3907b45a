// How V8 collects garbage in the processes that serve. It marks and scavenges with four threads beside the one that runs the
// program. Where all cores are taken they take turns with it, 4 ms each, and for some 100 ms hardly anybody is answered;
// without them the program has pauses of its own, of a few milliseconds (docs/decisions/facts_in_groups.md has the figures).

import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

const withoutThreads = ['--no-concurrent-marking', '--no-parallel-scavenge'];

/** Answers Node's arguments for one of several processes that serve on this machine. */
export function collectorArguments(processes: number): readonly string[] {
  return processes >= availableParallelism() ? withoutThreads : [];
}

/** Does the same for this process, alone. To be called before there is anything to collect. */
export function arrangeCollector(): void {
  for (const argument of collectorArguments(1)) setFlagsFromString(argument);
}
