// What the command line prints about a fleet: one live line on a terminal, a line per change elsewhere, or events as
// JSON lines.

import type { FleetState } from './simulated_fleet.ts';
import type { StationEvent } from './station_event.ts';

export type FleetDisplay = {
  /** Takes an event and the state after it. */
  show(event: StationEvent, state: FleetState): void;
  /** Prints what is still unprinted; nothing may be shown afterwards. */
  end(state: FleetState): void;
};

type Output = { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };

// Hundreds of stations change in one tick; a person reads a few lines per second.
const linePauseMs = 100;

/** Answers a display that prints each event as one JSON line, with the instant as `at`. */
export function jsonDisplay(output: Output): FleetDisplay {
  return {
    show: (event) => {
      output.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
    },
    end: () => {},
  };
}

/** Answers a display that prints the state: over the same line on a terminal, else a line when it has changed. */
export function summaryDisplay(output: Output): FleetDisplay {
  let timer: NodeJS.Timeout | undefined;
  let problem: string | undefined;
  let newest: FleetState | undefined;
  let printed = '';

  function print(): void {
    timer = undefined;
    if (newest === undefined) return;
    if (newest.booted === newest.stations) problem = undefined;
    const line = summaryLine(newest, problem);
    if (line === printed) return;
    printed = line;
    // A line longer than the terminal would wrap, and could not be written over. Some terminals give 0 columns.
    output.write(
      output.isTTY === true ? `\r\x1b[K${line.slice(0, (output.columns || 80) - 1)}` : `${line}\n`,
    );
  }

  return {
    show: (event, state) => {
      newest = state;
      problem = problemOf(event) ?? problem;
      timer ??= setTimeout(print, linePauseMs);
    },
    end: (state) => {
      clearTimeout(timer);
      newest = state;
      problem = undefined;
      print();
      if (output.isTTY === true) output.write('\n');
    },
  };
}

function summaryLine(state: FleetState, problem: string | undefined): string {
  const stations = state.stations === 1 ? '1 station' : `${state.stations} stations`;
  const counts = `${stations}: ${state.connected} connected, ${state.booted} booted`;
  return problem === undefined ? counts : `${counts} (${problem})`;
}

function problemOf(event: StationEvent): string | undefined {
  switch (event.type) {
    case 'connection_failed':
      return `${event.identity}: ${event.reason}`;
    case 'disconnected':
      return `${event.identity}: connection closed with code ${event.code}${event.reason && `, ${event.reason}`}`;
    case 'boot_refused':
      return `${event.identity}: the boot was answered ${event.status}`;
    case 'call_failed':
      return `${event.identity}: ${event.action} failed, ${event.reason}`;
    default:
      return undefined;
  }
}
