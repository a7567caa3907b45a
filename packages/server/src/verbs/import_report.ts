// What an import tells while it runs and at its end: each row that was skipped and each remark as it comes, so that none
// is kept; for a program one JSON document.

import type { Clock } from '../clock.ts';
import type { ImportedLocation } from '../domain/index.ts';
import type { Note } from '../ocpi/index.ts';
import type { ImportOutcome, ImportedAs } from '../store/index.ts';
import type { Console } from './console.ts';
import { printable } from './table.ts';

/** A location of the file, and what became of it; neither where it was skipped. */
export type Reported = {
  readonly location: ImportedLocation | undefined;
  readonly notes: readonly Note[];
  readonly outcome: ImportOutcome | undefined;
};

export type ImportReport = {
  /** Bytes of the file were read. */
  read(bytes: number): void;
  add(reported: Reported): void;
  /**
   * Tells the sum.
   *
   * @param fault why it ended early, if it did: a sentence
   * @returns the exit code
   */
  end(fault: string | undefined): number;
};

type Counts = Record<ImportedAs | 'skipped', number>;

// A person sees it move; a log does not fill.
const barEveryMs = 100;
const lineEveryMs = 5_000;

/** @param options.size bytes of the file; undefined when nobody knows */
export function startImportReport(options: {
  console: Console;
  clock: Clock;
  size: number | undefined;
  isDryRun: boolean;
}): ImportReport {
  const { console, clock, size, isDryRun } = options;
  const counts = { locations: noCounts(), chargingStations: noCounts(), connectors: noCounts() };
  let [bytesRead, locationsRead, remarks, skipped] = [0, 0, 0, 0];
  let shownAt = clock.now().getTime();
  console.json('{"notes":[');

  function tell(note: Note): void {
    if (note.kind === 'remark') remarks += 1;
    else {
      counts[listOf(note)].skipped += 1;
      skipped += 1;
    }
    console.json(`${skipped + remarks === 1 ? '' : ','}\n${JSON.stringify(note)}`);
    console.text(sentenceOf(note));
  }

  function showProgress(): void {
    const now = clock.now().getTime();
    if (now - shownAt < (console.hasBar ? barEveryMs : lineEveryMs)) return;
    shownAt = now;
    const line = `${shareOf(bytesRead, size)}, ${locationsRead} locations, ${skipped} skipped`;
    if (console.hasBar) console.bar(`${barOf(bytesRead, size)}${line}`);
    else console.progress(line);
  }

  return {
    read(bytes) {
      bytesRead += bytes;
      showProgress();
    },
    add({ location, notes, outcome }) {
      locationsRead += 1;
      for (const note of notes) tell(note);
      if (location === undefined || outcome === undefined) return;
      counts.locations[outcome.location] += 1;
      for (const as of outcome.stations) counts.chargingStations[as] += 1;
      for (const as of outcome.connectors) counts.connectors[as] += 1;
      for (const { row, locationName } of outcome.elsewhere) {
        tell({
          kind: 'skipped',
          location: location.row,
          evse: row,
          connector: null,
          reason: `The charging station of its identity stands at another location, "${printable(locationName)}".`,
        });
      }
      showProgress();
    },
    end(fault) {
      const sum = { isDryRun, locationsRead, ...counts, remarks, fault: fault ?? null };
      console.json(`],"sum":${JSON.stringify(sum)}}\n`);
      console.text(table(counts, isDryRun));
      if (remarks > 0) console.text(`${remarks} remarks, above.`);
      if (counts.chargingStations.created > 0 && !isDryRun) console.text(noPasswords);
      if (fault !== undefined) {
        console.progress(
          `${fault} ${locationsRead} locations before that were read; what is told of them stands.`,
        );
        return 1;
      }
      return skipped > 0 ? 2 : 0;
    },
  };
}

const noPasswords =
  'The new charging stations have no passwords: whoever knows the identity of one can connect as it.';

const noCounts = (): Counts => ({ created: 0, updated: 0, unchanged: 0, skipped: 0 });

function listOf({ evse, connector }: Note): 'locations' | 'chargingStations' | 'connectors' {
  if (connector !== null) return 'connectors';
  return evse === null ? 'locations' : 'chargingStations';
}

function sentenceOf({ kind, location, evse, connector, reason }: Note): string {
  const named = [
    ['location', location],
    ['EVSE', evse],
    ['connector', connector],
  ] as const;
  const place = named.flatMap(([what, row]) =>
    row === null ? [] : [`${what} ${row.number}${row.id === null ? '' : ` (${row.id})`}`],
  );
  return `${kind}: ${place.join(', ')}: ${reason}`;
}

function table(counts: Record<string, Counts>, isDryRun: boolean): string {
  const columns = ['created', 'updated', 'unchanged', 'skipped'] as const;
  const titles = { locations: 'locations', chargingStations: 'charging stations', connectors: 'connectors' };
  const rows = [
    [isDryRun ? 'would be' : '', ...columns],
    ...Object.entries(titles).map(([list, title]) => [
      title,
      ...columns.map((column) => String(counts[list]?.[column])),
    ]),
  ];
  return rows
    .map(([title = '', ...cells]) => `${title.padEnd(17)}${cells.map((cell) => cell.padStart(11)).join('')}`)
    .join('\n');
}

function shareOf(bytes: number, size: number | undefined): string {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`;
  return size === undefined
    ? megabytes
    : `${Math.floor((100 * bytes) / Math.max(size, 1))} % of ${(size / 1e6).toFixed(1)} MB`;
}

const barWidth = 24;

function barOf(bytes: number, size: number | undefined): string {
  if (size === undefined) return '';
  const done = Math.min(barWidth, Math.floor((barWidth * bytes) / Math.max(size, 1)));
  return `[${'#'.repeat(done)}${' '.repeat(barWidth - done)}] `;
}
