// What an import has to say about a row of its file: that it was skipped, or that something of it was left out.

import type { RowName } from '../domain/index.ts';

/** A location, or an EVSE of it, or a connector of that. */
export type Place = {
  readonly location: RowName;
  readonly evse: RowName | null;
  readonly connector: RowName | null;
};

export type Note = Place & {
  /** `skipped`: the row, and what belongs to it, was not imported. `remark`: it was, but not as the file has it. */
  readonly kind: 'skipped' | 'remark';
  readonly reason: string;
};

/** Takes notes of one row. */
export type Notes = {
  skipped(reason: string): void;
  remark(reason: string): void;
  /** Notes of a row that belongs to this one. */
  ofEvse(evse: RowName): Notes;
  ofConnector(connector: RowName): Notes;
};

/** Starts notes of a location, which are added to `taken`. */
export function notesOf(location: RowName, taken: Note[]): Notes {
  return notesAt({ location, evse: null, connector: null }, taken);
}

function notesAt(place: Place, taken: Note[]): Notes {
  const note = (kind: Note['kind']) => (reason: string) => void taken.push({ kind, ...place, reason });
  return {
    skipped: note('skipped'),
    remark: note('remark'),
    ofEvse: (evse) => notesAt({ ...place, evse }, taken),
    ofConnector: (connector) => notesAt({ ...place, connector }, taken),
  };
}

const longestId = 64;

/** Names a row as a report can show it: what the file calls it may be of any length, and hold what a terminal obeys. */
export function rowName(number: number, id: string | undefined): RowName {
  if (id === undefined) return { number, id: null };
  const shown = id.length > longestId ? `${id.slice(0, longestId)}…` : id;
  return { number, id: shown.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}') };
}
