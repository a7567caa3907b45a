// The tables that an import of locations writes: which of their columns, how what is there is read, and how much of it is
// written with one statement.

import type { Statement } from './database.ts';
import { nextVersion } from './versions.ts';

/** What became of a row of the file. */
export type ImportedAs = 'created' | 'updated' | 'unchanged';

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
export const isOneOff = true;

export const knownLocations = `select s.ocpi_id, s.id, ${selected(locationColumns).join(', ')}
  from locations s where s.tenant_id = $1 and s.ocpi_id = any ($2::text[])`;
export const knownStations = `select s.identity, s.id, l.name, ${selected(stationColumns).join(', ')}
  from charging_stations s left join locations l on l.tenant_id = $1 and l.id = s.location_id
  where s.tenant_id = $1 and s.identity = any ($2::text[])`;
export const knownConnectors = `select s.charging_station_id, s.number, s.id, ${selected(connectorColumns).join(', ')}
  from charging_stations c join connectors s on s.tenant_id = $1 and s.charging_station_id = c.id
  where c.tenant_id = $1 and c.identity = any ($2::text[])`;

export type Texts = readonly (string | null)[];
export type PlannedTable = {
  readonly name: 'locations' | 'charging_stations' | 'connectors';
  /** Columns that are written once: what a row is known by. */
  readonly keys: readonly Column[];
  readonly columns: Columns;
  readonly rows: { readonly as: ImportedAs; readonly texts: Texts }[];
};

/** Answers the tables without rows; they are written in this order. */
export const emptyTables = () => ({
  locations: aTable('locations', [uuid('id'), text('ocpi_id')], locationColumns),
  stations: aTable('charging_stations', [uuid('id'), text('identity')], stationColumns),
  connectors: aTable(
    'connectors',
    [uuid('id'), uuid('charging_station_id'), integer('number')],
    connectorColumns,
  ),
});

function aTable(name: PlannedTable['name'], keys: readonly Column[], columns: Columns): PlannedTable {
  return { name, keys, columns, rows: [] };
}

/** Answers the statements that write the rows of a table. */
export function statementsFor(table: PlannedTable, tenantId: string, now: Date): Statement[] {
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
