// The command `chargeyard-simulator`: a fleet that lives until Ctrl-C.

import { cliOptions } from './cli_options.ts';
import { jsonDisplay, summaryDisplay } from './fleet_display.ts';
import { startFleet } from './index.ts';

const { isJson, ...options } = cliOptions(process.argv);
const display = isJson ? jsonDisplay(process.stdout) : summaryDisplay(process.stdout);
const fleet = startFleet({
  ...options,
  onEvent: (event) => {
    // `fleet` is not there yet while startFleet runs, but no event comes before it returns: sockets open later.
    display.show(event, fleet.state);
  },
});

// The process ends by itself when the last socket is closed: ending it here would hide a timer that was forgotten.
function stop(): void {
  void fleet.close().then(() => display.end(fleet.state));
}

// npx passes a Ctrl-C on to a process that got it already; the second one must not break off the first one's closing.
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// The reader is gone, `| head` for example: nobody is left to print for.
process.stdout.on('error', stop);
