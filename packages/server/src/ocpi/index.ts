// The door of the room: OCPI Locations (2.1.1, 2.2, 2.2.1) as what is written of them. Pure but for the bytes of a file that
// are handed in.

export { leavingOutDoubles } from './doubles.ts';
export { locationFrom } from './location.ts';
export type { Mapped } from './location.ts';
export { UnreadableFile, locationsIn } from './location_file.ts';
export { notesOf } from './note.ts';
export type { Note } from './note.ts';
