-- Where stations stand. A location that has stations cannot be deleted.

create table locations (
  tenant_id     uuid not null references tenants,
  id            uuid not null,
  company_id    uuid,
  name          text not null check (name <> ''),
  address       json,
  geolocation   json,
  parking_type  text,
  directions    json,
  time_settings json,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, company_id) references companies
);
create index locations_by_company on locations (tenant_id, company_id, id);

-- The new key is checked by a query of the tables' owner over every tenant's rows; the wall stands aside for that, in a
-- transaction that locks the table.
alter table charging_stations no force row level security;
alter table charging_stations add foreign key (tenant_id, location_id) references locations;
alter table charging_stations force row level security;

create index charging_stations_by_location on charging_stations (tenant_id, location_id, id)
  where location_id is not null;

select guard_tenants_of(array['locations']);
