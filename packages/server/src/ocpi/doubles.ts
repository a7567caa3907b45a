// Rows that a file has twice: a location by its OCPI identity, a charging station by its own. The first one counts.

import type { ImportedLocation } from '../domain/index.ts';
import { notesOf } from './note.ts';
import type { Mapped } from './location.ts';
import type { Note } from './note.ts';

/** Answers a function that is given a file's locations in order, and answers each without what came before. */
export function leavingOutDoubles(): (mapped: Mapped) => Mapped {
  const locations = new Map<string, number>();
  const stations = new Map<string, number>();
  return ({ location, notes }) => {
    if (location === undefined) return { location, notes };
    const taken: Note[] = [...notes];
    const ownNotes = notesOf(location.row, taken);
    const { number } = location.row;
    const earlier = locations.get(location.ocpiId);
    if (earlier !== undefined) {
      ownNotes.skipped(`It is in the file already, as location ${earlier}.`);
      return { location: undefined, notes: taken };
    }
    locations.set(location.ocpiId, number);
    const isNew = ({ identity, row }: ImportedLocation['stations'][number]) => {
      const at = stations.get(identity);
      if (at !== undefined) {
        const where = at === number ? 'in this location' : `in location ${at}`;
        ownNotes.ofEvse(row).skipped(`Its identity is in the file already, ${where}.`);
        return false;
      }
      stations.set(identity, number);
      return true;
    };
    return { location: { ...location, stations: location.stations.filter(isNew) }, notes: taken };
  };
}
