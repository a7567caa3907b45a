// An OCPI EVSE (mod_locations, EVSE object) as a charging station: OCPI has nothing between a location and its EVSEs
// (docs/decisions/an_imported_evse_is_a_station.md).

import { chargingStations } from '@chargeyard/contract/resources/charging_stations';
import type { ImportedStation } from '../domain/index.ts';
import { declaredValues } from '../json_api/index.ts';
import { acceptable } from './acceptable.ts';
import { connectorsIn } from './connector.ts';
import { geolocationIn } from './coordinates.ts';
import { objectIn, textIn } from './given.ts';
import type { Given } from './given.ts';
import { rowName } from './note.ts';
import type { Notes } from './note.ts';

const declared = declaredValues(chargingStations, 'creation');

/** What the stations of a location have from it. */
export type OfLocation = {
  readonly timeZone: unknown;
  readonly address: unknown;
  readonly geolocation: unknown;
};

/** Answers the charging stations of a location's EVSEs. */
export function stationsIn(location: Given, ofLocation: OfLocation, notes: Notes): ImportedStation[] {
  const given = location['evses'] ?? [];
  if (!Array.isArray(given)) {
    notes.remark('evses is left out: it is no list.');
    return [];
  }
  return given.flatMap((value: unknown, at) => {
    const evse = objectIn(value);
    const row = rowName(at + 1, textIn(evse?.['uid']));
    const ownNotes = notes.ofEvse(row);
    if (evse === undefined) {
      ownNotes.skipped('It is no object.');
      return [];
    }
    const station = stationFrom(evse, ofLocation, ownNotes);
    return station === undefined ? [] : [{ ...station, row }];
  });
}

function stationFrom(
  evse: Given,
  ofLocation: OfLocation,
  notes: Notes,
): Omit<ImportedStation, 'row'> | undefined {
  // EVSEs are never deleted in OCPI: those that are gone stay in the file.
  if (evse['status'] === 'REMOVED') {
    notes.remark('It is left out: its status is REMOVED.');
    return undefined;
  }
  const uid = textIn(evse['uid']);
  const evseId = textIn(evse['evse_id']);
  const physicalReference = textIn(evse['physical_reference']);
  if (uid === undefined) {
    notes.skipped('It has no uid.');
    return undefined;
  }
  const values = acceptable(
    declared,
    {
      chargeBoxIdentity: identityOf(uid, evseId, notes),
      label: evseId ?? physicalReference ?? uid,
      publicDisplayName: physicalReference,
      ...ofLocation,
      geolocation: ownGeolocation(evse, ofLocation, notes),
    },
    ['chargeBoxIdentity', 'label'],
    notes,
  );
  if (values === undefined) return undefined;
  return {
    identity: String(values['chargeBoxIdentity']),
    values,
    connectors: connectorsIn(evse, evseId, notes),
  };
}

const isIdentity = (identity: string) =>
  declared.faultsIn({ chargeBoxIdentity: identity }).every(({ place }) => place !== '/chargeBoxIdentity');

/** The uid; or the evse_id where the uid is not of an identity's form and that is. */
function identityOf(uid: string, evseId: string | undefined, notes: Notes): string {
  if (evseId === undefined || isIdentity(uid) || !isIdentity(evseId)) return uid;
  notes.remark('Its uid is not of the form of an identity: its evse_id is the identity.');
  return evseId;
}

/** Where the EVSE says where it stands, and can be believed, that; else where the location is. */
function ownGeolocation(evse: Given, { geolocation }: OfLocation, notes: Notes): unknown {
  const own = geolocationIn(evse['coordinates']);
  if (own === undefined) return geolocation;
  const [fault] = declared
    .faultsIn({ geolocation: own })
    .filter(({ place }) => place.startsWith('/geolocation'));
  if (fault === undefined) return own;
  notes.remark(`geolocation is the location’s: ${fault.detail}`);
  return geolocation;
}
