// OCPI's address: one line for street and house number, and the country in alpha-3 (mod_locations, Location object).

import { countryIn } from './countries.ts';
import { textIn } from './given.ts';
import type { Given } from './given.ts';
import type { Notes } from './note.ts';

/** Answers the members of an address that a location tells; undefined when it tells none. */
export function addressIn(location: Given, notes: Notes): Readonly<Record<string, string>> | undefined {
  const country = countryOf(location, notes);
  const line = textIn(location['address']);
  const members = {
    ...(line === undefined ? {} : streetAndHouseNumber(line, country)),
    postalCode: textIn(location['postal_code']),
    city: textIn(location['city']),
    state: textIn(location['state']),
    country,
  };
  for (const name of ['address', 'city']) {
    if (textIn(location[name]) === undefined) notes.remark(`${name} is missing.`);
  }
  const told = Object.entries(members).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

function countryOf(location: Given, notes: Notes): string | undefined {
  const text = textIn(location['country']);
  const country = text === undefined ? undefined : countryIn(text);
  if (text === undefined) notes.remark('country is missing.');
  else if (country === undefined) notes.remark('country is left out: it is no ISO 3166-1 alpha-3 code.');
  return country;
}

// Where the post writes the house number after the street, and where before it. Elsewhere the line stays whole.
const numberLast = new Set(
  'AT BA BE BG CH CZ DE DK EE ES FI GR HR HU IS IT LI LT LV ME MK NL NO PL PT RO RS SE SI SK'.split(' '),
);
const numberFirst = new Set('AU CA FR GB IE LU MC NZ US'.split(' '));

const lastForm =
  /^(?<street>.*\p{L}[.)]?),? (?<number>\d{1,4} ?[A-Za-z]?(?: ?[-/+–] ?\d{1,4} ?[A-Za-z]?)?)$/u;
const firstForm =
  /^(?<number>\d{1,4}[A-Za-z]?(?: bis| ter)?(?:[-/]\d{1,4}[A-Za-z]?)?),? (?<street>\p{L}{2}[^,]*)$/u;

// "A 7", "Rastplatz A7 km 12", "Ausfahrt 14": the number is the road's, not a house's.
const roadForm =
  /(^|[\s,.])(\p{L}{1,2}|autobahn|autoroute|autostrada|autopista|autov[ií]a|motorway|highway|route|ruta|km|exit|ausfahrt|afrit|sortie|salida|uscita|parcela|pol[ií]gono|halle|tor|gate)\.?$/iu;

/** Answers the line in two where it is beyond doubt which part of it is the house number; else the whole as street. */
export function streetAndHouseNumber(
  line: string,
  country: string | undefined,
): { street: string; houseNumber?: string } {
  const form = numberLast.has(country ?? '')
    ? lastForm
    : numberFirst.has(country ?? '')
      ? firstForm
      : undefined;
  const { street, number } = form?.exec(line)?.groups ?? {};
  if (street === undefined || number === undefined || roadForm.test(street)) return { street: line };
  return { street, houseNumber: number };
}
