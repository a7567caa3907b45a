// Locations of another system's file with their charging stations and connectors: compared with what is there, and
// written as far as they differ, many rows a statement. What a station itself reported is no part of them.

import { Conflict, Invalid } from '../domain/index.ts';
import type { ImportedLocation, ImportedStation, RowName } from '../domain/index.ts';
import { isFaultOfAValue, sqlState } from './database.ts';
import type { Session, Statement } from './database.ts';
import { nextVersion } from './versions.ts';

/** What became of a row of the file. */
export type ImportedAs = 'created' | 'updated' | 'unchanged';

export type ImportOutcome = {
  readonly location: ImportedAs;
  readonly stations: readonly ImportedAs[];
  readonly connectors: readonly ImportedAs[];
  /** Rows whose identity is that of a station at another location. They were left alone. */
  readonly elsewhere: readonly { readonly row: RowName; readonly locationName: string }[];
};

type ImportOptions = {
  /** To which company all of it is to belong; undefined: what is new to none, what is there as it does. */
  readonly companyId: string | undefined;
  readonly now: Date;
  readonly newId: () => string;
};

export function importedLocationsIn(session: Session) {
  /** What is there under the names that the file has. */
  async function plan(tenantId: string, locations: readonly ImportedLocation[], options: ImportOptions) {
    const ocpiIds = locations.map(({ ocpiId }) => ocpiId);
    const identities = locations.flatMap(({ stations }) => stations.map(({ identity }) => identity));
    const known = await session.textRowsAs(tenantId, [
      { text: knownLocations, values: [tenantId, ocpiIds], isOneOff },
      { text: knownStations, values: [tenantId, identities], isOneOff },
      { text: knownConnectors, values: [tenantId, identities], isOneOff },
    ]);
    return planned(locations, known, options);
  }

  return {
    /** Answers what would become of locations, in the order given. */
    async preview(
      tenantId: string,
      locations: readonly ImportedLocation[],
      options: ImportOptions,
    ): Promise<ImportOutcome[]> {
      return (await plan(tenantId, locations, options)).outcomes;
    },

    /**
     * Writes locations, all or none of them; durable when it resolves.
     *
     * @returns what became of each, in the order given
     * @throws {Conflict} when the same rows were written by somebody else meanwhile, time and again
     * @throws {Invalid} when the database takes a value for impossible
     */
    async write(
      tenantId: string,
      locations: readonly ImportedLocation[],
      options: ImportOptions,
    ): Promise<ImportOutcome[]> {
      for (let attempt = 1; ; attempt += 1) {
        const { outcomes, tables } = await plan(tenantId, locations, options);
        const statements = tables.flatMap((table) => statementsFor(table, tenantId, options.now));
        try {
          if (statements.length > 0) await refusing(() => session.transaction([tenantId], statements));
          return outcomes;
        } catch (error) {
          // What somebody else has written meanwhile is there at the next look.
          if (!(error instanceof Conflict) || attempt === attempts) throw error;
        }
      }
    },
  };
}

const attempts = 3;

async function refusing(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!isFaultOfAValue(cause)) throw cause;
    // Keys were free, and rows there, a moment ago.
    const isOvertaken = ['23503', '23505'].includes(sqlState(cause) ?? '');
    throw isOvertaken
      ? new Conflict('It was changed by somebody else at the same time.', { cause })
      : new Invalid('The database cannot hold one of its values.', { cause });
  }
}

type Column = { readonly name: string; readonly type: 'uuid' | 'text' | 'json' | 'integer' };
type Columns = Readonly<Record<string, Column>>;

const uuid = (name: string): Column => ({ name, type: 'uuid' });
const text = (name: string): Column => ({ name, type: 'text' });
const json = (name: string): Column => ({ name, type: 'json' });
const integer = (name: string): Column => ({ name, type: 'integer' });

// The attributes that an import sets, in the order of the statements below.
const locationColumns: Columns = {
  companyId: uuid('company_id'),
  name: text('name'),
  address: json('address'),
  geolocation: json('geolocation'),
  parkingType: text('parking_type'),
  directions: json('directions'),
  timeSettings: json('time_settings'),
};
const stationColumns: Columns = {
  companyId: uuid('company_id'),
  locationId: uuid('location_id'),
  label: text('label'),
  publicDisplayName: text('public_display_name'),
  timeZone: text('time_zone'),
  address: json('address'),
  geolocation: json('geolocation'),
};
const connectorColumns: Columns = {
  evseNumber: integer('evse_number'),
  evseId: text('evse_id'),
  type: text('type'),
  format: text('format'),
  powerType: text('power_type'),
  maxVoltage: integer('max_voltage'),
  maxAmperage: integer('max_amperage'),
  maxPowerW: integer('max_power_w'),
};

const selected = (columns: Columns) => Object.values(columns).map(({ name }) => `s.${name}`);

// An import makes these tables grow by orders of magnitude: a plan made at its start would be a bad one soon.
const isOneOff = true;

const knownLocations = `select s.ocpi_id, s.id, ${selected(locationColumns).join(', ')}
  from locations s where s.tenant_id = $1 and s.ocpi_id = any ($2::text[])`;
const knownStations = `select s.identity, s.id, l.name, ${selected(stationColumns).join(', ')}
  from charging_stations s left join locations l on l.tenant_id = $1 and l.id = s.location_id
  where s.tenant_id = $1 and s.identity = any ($2::text[])`;
const knownConnectors = `select s.charging_station_id, s.number, s.id, ${selected(connectorColumns).join(', ')}
  from charging_stations c join connectors s on s.tenant_id = $1 and s.charging_station_id = c.id
  where c.tenant_id = $1 and c.identity = any ($2::text[])`;

type Texts = readonly (string | null)[];
type PlannedTable = {
  readonly name: 'locations' | 'charging_stations' | 'connectors';
  /** Columns that are written once: what a row is known by. */
  readonly keys: readonly Column[];
  readonly columns: Columns;
  readonly rows: { readonly as: ImportedAs; readonly texts: Texts }[];
};

function planned(
  locations: readonly ImportedLocation[],
  [locationRows = [], stationRows = [], connectorRows = []]: Texts[][],
  { companyId, newId }: ImportOptions,
) {
  const knownLocation = new Map(locationRows.map(([ocpiId, id, ...texts]) => [ocpiId, { id, texts }]));
  const knownStation = new Map(
    stationRows.map(([identity, id, locationName, ...texts]) => [identity, { id, locationName, texts }]),
  );
  const knownConnector = new Map(
    connectorRows.map(([stationId, number, id, ...texts]) => [`${stationId}/${number}`, { id, texts }]),
  );
  const tables = {
    locations: aTable('locations', [uuid('id'), text('ocpi_id')], locationColumns),
    stations: aTable('charging_stations', [uuid('id'), text('identity')], stationColumns),
    connectors: aTable(
      'connectors',
      [uuid('id'), uuid('charging_station_id'), integer('number')],
      connectorColumns,
    ),
  };

  const locationIdAt = Object.keys(stationColumns).indexOf('locationId');

  const outcomes = locations.map(({ ocpiId, values, stations }): ImportOutcome => {
    const known = knownLocation.get(ocpiId);
    const locationId = known?.id ?? newId();
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
      location: add(tables.locations, [locationId, ocpiId], { ...values, companyId }, known?.texts),
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

function aTable(name: PlannedTable['name'], keys: readonly Column[], columns: Columns): PlannedTable {
  return { name, keys, columns, rows: [] };
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

function statementsFor(table: PlannedTable, tenantId: string, now: Date): Statement[] {
  const as = (wanted: ImportedAs) => table.rows.filter((row) => row.as === wanted);
  const statement = (sql: string, rows: PlannedTable['rows']): Statement[] =>
    rows.length === 0
      ? []
      : [{ text: sql, values: [tenantId, now, ...columnwise(rows.map(({ texts }) => texts))], isOneOff }];
  // Connectors are also made by stations' reports, at any moment.
  return table.name === 'connectors'
    ? statement(upsert(table), table.rows)
    : [...statement(insert(table), as('created')), ...statement(update(table), as('updated'))];
}

function columnwise(rows: readonly Texts[]): Texts[] {
  return (rows[0] ?? []).map((_, at) => rows.map((row) => row[at] ?? null));
}

const all = ({ keys, columns }: PlannedTable) => [...keys, ...Object.values(columns)];
const names = (table: PlannedTable) =>
  all(table)
    .map(({ name }) => name)
    .join(', ');
const given = (table: PlannedTable) =>
  `unnest(${all(table)
    .map(({ type }, at) => `$${at + 3}::${type}[]`)
    .join(', ')}) as f (${names(table)})`;

function insert(table: PlannedTable): string {
  return `insert into ${table.name} as s (tenant_id, created_at, updated_at, ${names(table)})
    select $1::uuid, $2::timestamptz, $2::timestamptz, f.* from ${given(table)}`;
}

const kept = ({ columns }: PlannedTable, from: string) =>
  Object.values(columns).map(({ name }) => `${name} = coalesce(${from}.${name}, s.${name})`);

function update(table: PlannedTable): string {
  // Of a station that was brought elsewhere meanwhile nothing is written.
  const isStillHere =
    table.name === 'charging_stations' ? 'and coalesce(s.location_id, f.location_id) = f.location_id' : '';
  return `update ${table.name} s
    set ${[...kept(table, 'f'), `updated_at = ${nextVersion('$2::timestamptz')}`].join(', ')}
    from ${given(table)} where s.tenant_id = $1 and s.id = f.id ${isStillHere}`;
}

function upsert(table: PlannedTable): string {
  return `${insert(table)} on conflict (tenant_id, charging_station_id, number) do update
    set ${[...kept(table, 'excluded'), `updated_at = ${nextVersion('excluded.updated_at')}`].join(', ')}`;
}
