-- Planned times out of service.

-- connector_id is null for the whole station.
create table maintenance_windows (
  tenant_id                 uuid not null,
  id                        integer not null check (id > 0),
  charging_station_id       uuid not null,
  connector_id              uuid,
  comment                   text check (char_length(comment) <= 1000),
  starts_at                 timestamptz not null,
  ends_at                   timestamptz not null,
  locks_connectors          boolean not null default false,
  whitelisted_driver_tokens json not null default '[]',
  created_at                timestamptz not null,
  updated_at                timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade,
  foreign key (tenant_id, connector_id) references connectors on delete cascade,
  check (ends_at > starts_at)
);
create index maintenance_windows_by_station on maintenance_windows (tenant_id, charging_station_id, id);
create index maintenance_windows_by_connector on maintenance_windows (tenant_id, connector_id)
  where connector_id is not null;
-- Windows gather in the past; those that still matter end late.
create index maintenance_windows_by_end on maintenance_windows (tenant_id, ends_at);

select guard_tenants_of(array['maintenance_windows']);
