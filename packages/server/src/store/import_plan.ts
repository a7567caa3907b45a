// What an import of locations would write: the file's rows, compared with what is there.

import type { ImportedLocation, ImportedStation, RowName } from '../domain/index.ts';
import { emptyTables } from './imported_tables.ts';
import type { ImportedAs, PlannedTable, Texts } from './imported_tables.ts';

export type ImportOutcome = {
  readonly location: ImportedAs;
  readonly stations: readonly ImportedAs[];
  readonly connectors: readonly ImportedAs[];
  /** Rows whose identity is that of a station at another location. They were left alone. */
  readonly elsewhere: readonly { readonly row: RowName; readonly locationName: string }[];
};

export type ImportOptions = {
  /** To which company all of it is to belong; undefined: what is new to none, what is there as it does. */
  readonly companyId: string | undefined;
  readonly now: Date;
  readonly newId: () => string;
};

/**
 * Answers what becomes of the locations, and the tables with the rows that are to be written.
 *
 * @param known the rows of locations, stations and connectors that are there, as imported_tables.ts reads them
 */
export function planned(
  locations: readonly ImportedLocation[],
  known: readonly Texts[][],
  { companyId, newId }: ImportOptions,
) {
  const [locationRows = [], stationRows = [], connectorRows = []] = known;
  const knownLocation = new Map(locationRows.map(([ocpiId, id, ...texts]) => [ocpiId, { id, texts }]));
  const knownStation = new Map(
    stationRows.map(([identity, id, locationName, ...texts]) => [identity, { id, locationName, texts }]),
  );
  const knownConnector = new Map(
    connectorRows.map(([stationId, number, id, ...texts]) => [`${stationId}/${number}`, { id, texts }]),
  );
  const tables = emptyTables();
  const locationIdAt = Object.keys(tables.stations.columns).indexOf('locationId');

  const outcomes = locations.map(({ ocpiId, values, stations }): ImportOutcome => {
    const there = knownLocation.get(ocpiId);
    const locationId = there?.id ?? newId();
    const isElsewhere = ({ identity }: ImportedStation) => {
      const standsAt = knownStation.get(identity)?.texts[locationIdAt] ?? null;
      return standsAt !== null && standsAt !== locationId;
    };
    const here = stations.filter((station) => !isElsewhere(station));
    const withIds = here.map((station) => ({
      ...station,
      id: knownStation.get(station.identity)?.id ?? newId(),
    }));
    return {
      location: add(tables.locations, [locationId, ocpiId], { ...values, companyId }, there?.texts),
      stations: withIds.map((station) =>
        add(
          tables.stations,
          [station.id, station.identity],
          { ...station.values, companyId, locationId },
          knownStation.get(station.identity)?.texts,
        ),
      ),
      connectors: withIds.flatMap((station) =>
        station.connectors.map((connector) => {
          const stored = knownConnector.get(`${station.id}/${connector.number}`);
          return add(
            tables.connectors,
            [stored?.id ?? newId(), station.id, String(connector.number)],
            // An EVSE is a station of its own here; what a station tells of its EVSEs counts more.
            { ...connector.values, ...(typeof stored?.texts[0] === 'string' ? {} : { evseNumber: 1 }) },
            stored?.texts,
          );
        }),
      ),
      elsewhere: stations.filter(isElsewhere).map(({ identity, row }) => ({
        row,
        locationName: knownStation.get(identity)?.locationName ?? '',
      })),
    };
  });
  return { outcomes, tables: Object.values(tables) };
}

/** Adds a row to what is to be written, unless all that the file tells of it is there. */
function add(
  { columns, rows }: PlannedTable,
  keys: Texts,
  values: Readonly<Record<string, unknown>>,
  stored: Texts | undefined,
): ImportedAs {
  const told = Object.keys(columns).map((attribute) => {
    const value = values[attribute];
    if (value === undefined || value === null) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (stored !== undefined && told.every((each, at) => each === null || each === stored[at]))
    return 'unchanged';
  const as = stored === undefined ? 'created' : 'updated';
  rows.push({ as, texts: [...keys, ...told] });
  return as;
}
