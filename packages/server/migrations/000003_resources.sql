-- What the API's writes need: versions for conditional requests, what operators know of connectors, numbers for models,
-- and the recorded answers of creations.

alter table companies add column updated_at timestamptz not null default now();
alter table companies alter column updated_at drop default;
alter table charging_station_models add column updated_at timestamptz not null default now();
alter table charging_station_models alter column updated_at drop default;

-- The last number that a tenant gave to a resource of a kind. A number whose resource was deleted is not given again:
-- clients keep ids.
create table id_counters (
  tenant_id uuid not null references tenants,
  resource  text not null,
  last_id   integer not null check (last_id > 0),
  primary key (tenant_id, resource)
) with (fillfactor = 50);

alter table connectors
  add column evse_number integer check (evse_number > 0),
  add column evse_id text,
  add column label text,
  add column type text,
  add column format text check (format in ('SOCKET', 'CABLE')),
  add column power_type text,
  add column max_voltage integer check (max_voltage >= 0),
  add column max_amperage integer check (max_amperage >= 0),
  add column max_power_w integer check (max_power_w >= 0),
  add column updated_at timestamptz not null default now();
alter table connectors alter column updated_at drop default;

-- A POST with an Idempotency-Key, and the answer it got. The row is written in the transaction of what the POST created.
create table idempotent_requests (
  tenant_id    uuid not null,
  client_id    text not null,
  key          text not null check (length(key) between 1 and 255),
  request_hash text not null,
  location     text not null,
  body         text not null,
  etag         text not null,
  created_at   timestamptz not null,
  primary key (tenant_id, client_id, key),
  foreign key (tenant_id, client_id) references api_clients on delete cascade
);
create index idempotent_requests_by_age on idempotent_requests (created_at);

select guard_tenants_of(array['id_counters', 'idempotent_requests']);
