-- Connectors that maintenance windows with locks_connectors put out of service. A row is there from the moment a station is
-- to be told until it has taken the connector back; number 0 is the station as a whole.
create table connector_locks (
  tenant_id           uuid not null,
  charging_station_id uuid not null,
  connector_number    integer not null,
  is_locked           boolean not null default false,
  -- The remote command that is under way; null while there is none.
  command_id          uuid,
  tried_at            timestamptz not null,
  primary key (tenant_id, charging_station_id, connector_number),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
);
create index maintenance_windows_with_locks on maintenance_windows (tenant_id, ends_at) where locks_connectors;

select guard_tenants_of(array['connector_locks']);
