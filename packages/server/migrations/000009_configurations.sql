-- The configuration keys of stations, as they last told them. Keys are the same without regard to case (OCPP 1.6).

create table configurations (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  key                 text not null,
  value               text,
  is_readonly         boolean not null,
  fetched_at          timestamptz not null,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
) with (fillfactor = 85);
create unique index configurations_by_key on configurations (tenant_id, charging_station_id, lower(key collate "C"));

select guard_tenants_of(array['configurations']);
