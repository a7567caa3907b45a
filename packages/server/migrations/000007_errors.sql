-- What stations said was wrong with them. Opened and ended by reports of stations only.

-- connector_id is null for the station as a whole, whose connector_number is 0. A repeated error_code is the same error
-- only with the same vendor_error_code.
create table station_errors (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  connector_id        uuid,
  connector_number    integer not null check (connector_number >= 0),
  error_code          text not null,
  vendor_error_code   text,
  vendor_id           text,
  info                text,
  status              text not null,
  started_at          timestamptz not null,
  ended_at            timestamptz check (ended_at >= started_at),
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade,
  foreign key (tenant_id, connector_id) references connectors on delete cascade
);
create unique index station_errors_open on station_errors (tenant_id, charging_station_id, connector_number)
  where ended_at is null;
create index station_errors_by_station on station_errors (tenant_id, charging_station_id, id);
create index station_errors_by_connector on station_errors (tenant_id, connector_id) where connector_id is not null;

select guard_tenants_of(array['station_errors']);
