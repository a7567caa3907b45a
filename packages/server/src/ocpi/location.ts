// An OCPI Location (mod_locations, Location object, of 2.1.1, 2.2 and 2.2.1) as a location with charging stations and
// connectors. docs/import.md has the table of what becomes what.

import { locations } from '@chargeyard/contract/resources/locations';
import type { ImportedLocation } from '../domain/index.ts';
import { declaredValues, nestsTooDeeply } from '../json_api/index.ts';
import { acceptable } from './acceptable.ts';
import { addressIn } from './address.ts';
import { geolocationIn } from './coordinates.ts';
import { stationsIn } from './evse.ts';
import { objectIn, textIn, wordIn } from './given.ts';
import type { Given } from './given.ts';
import { notesOf, rowName } from './note.ts';
import type { Note, Notes } from './note.ts';
import { timeSettingsIn } from './opening_times.ts';

const declared = declaredValues(locations, 'creation');

export type Mapped = {
  /** Undefined when the location is skipped. */
  readonly location: ImportedLocation | undefined;
  readonly notes: readonly Note[];
};

/**
 * Answers what is to be written for a value that should be a Location. Never throws.
 *
 * @param number the value's place in the file, from 1
 */
export function locationFrom(value: unknown, number: number): Mapped {
  const taken: Note[] = [];
  const isTooDeep = nestsTooDeeply(value);
  const given = isTooDeep ? undefined : objectIn(value);
  const row = rowName(number, textIn(given?.['id']));
  const notes = notesOf(row, taken);
  if (given === undefined) {
    notes.skipped(isTooDeep ? 'It has objects or lists nested too deeply.' : 'It is no object.');
    return { location: undefined, notes: taken };
  }
  const location = mapped(given, notes);
  return { location: location === undefined ? undefined : { ...location, row }, notes: taken };
}

function mapped(given: Given, notes: Notes): Omit<ImportedLocation, 'row'> | undefined {
  const ocpiId = ocpiIdOf(given);
  if (ocpiId === undefined) {
    notes.skipped('It has no id of 1 to 100 printable ASCII characters.');
    return undefined;
  }
  const name = textIn(given['name']) ?? nameFor(given, notes);
  const timeZone = textIn(given['time_zone']);
  // Required since 2.2, which is also when country_code came.
  if (timeZone === undefined && given['country_code'] !== undefined) notes.remark('time_zone is missing.');
  const geolocation = geolocationIn(given['coordinates']);
  if (geolocation === undefined) notes.remark('coordinates is missing.');
  const values = acceptable(
    declared,
    {
      name,
      address: addressIn(given, notes),
      geolocation,
      parkingType: parkingTypeIn(given),
      directions: directionsIn(given['directions']),
      timeSettings: timeSettingsIn(given['opening_times'], timeZone),
    },
    ['name'],
    notes,
  );
  if (values === undefined) return undefined;
  const { address, geolocation: stored } = values;
  return { ocpiId, values, stations: stationsIn(given, { timeZone, address, geolocation: stored }, notes) };
}

/**
 * Answers what a location is known by: COUNTRY*PARTY*ID in capitals, since these are case-insensitive (types, CiString
 * type); where the file has no party, as in 2.1.1, the id alone, as it is.
 */
function ocpiIdOf(given: Given): string | undefined {
  const id = textIn(given['id']);
  if (id === undefined || !isPrintable(id, 100)) return undefined;
  const party = [textIn(given['country_code']), textIn(given['party_id'])];
  const isOfParty = party.every((part) => part !== undefined && isPrintable(part, 10));
  return isOfParty ? [...party, id].join('*').toUpperCase() : id;
}

function isPrintable(text: string, longest: number): boolean {
  return text.length <= longest && /^[\u{20}-\u{7e}]+$/u.test(text);
}

/** OCPI need not name a location; the API must. */
function nameFor(given: Given, notes: Notes): string | undefined {
  const address = [textIn(given['address']), textIn(given['city'])].filter((part) => part !== undefined);
  notes.remark(
    address.length > 0 ? 'It has no name: its address is the name.' : 'It has no name: its id is the name.',
  );
  return address.length > 0 ? address.join(', ') : textIn(given['id']);
}

/** 2.1.1 has `type`, of nearly the same words: OTHER and UNKNOWN say nothing. */
function parkingTypeIn(given: Given): unknown {
  const word = wordIn(given['parking_type']) ?? wordIn(given['type']);
  return word === 'OTHER' || word === 'UNKNOWN' ? undefined : word;
}

/** DisplayTexts; a language with a region, such as de-AT, counts as the language. */
function directionsIn(value: unknown): unknown {
  if (!Array.isArray(value)) return value ?? undefined;
  return value.map((item: unknown) => {
    const { language, text } = objectIn(item) ?? {};
    return {
      language: typeof language === 'string' ? language.toLowerCase().replace(/[-_].*$/, '') : language,
      text,
    };
  });
}
