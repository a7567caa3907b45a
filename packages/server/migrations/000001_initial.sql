-- Every table that holds a tenant's data begins its primary key with tenant_id. Ids are UUIDs of version 7: the
-- primary key's order is the order of creation.

create table tenants (
  id                    uuid primary key,
  slug                  text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  cpo_api_is_licensed   boolean not null default true,
  pending_after_seconds integer not null default 1800 check (pending_after_seconds > 0),
  offline_after_seconds integer not null default 3600 check (offline_after_seconds >= pending_after_seconds),
  created_at            timestamptz not null
);

create table companies (
  tenant_id  uuid not null references tenants,
  id         uuid not null,
  parent_id  uuid,
  name       text not null check (name <> ''),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, parent_id) references companies
);

-- The closure of the company tree, each company an ancestor of itself: "is this in that subtree?" is one look-up.
create table company_ancestors (
  tenant_id   uuid not null,
  ancestor_id uuid not null,
  company_id  uuid not null,
  primary key (tenant_id, ancestor_id, company_id),
  foreign key (tenant_id, ancestor_id) references companies on delete cascade,
  foreign key (tenant_id, company_id) references companies on delete cascade
);
create index company_ancestors_by_company on company_ancestors (tenant_id, company_id);

create table api_clients (
  tenant_id   uuid not null references tenants,
  client_id   text not null unique,
  name        text not null check (name <> ''),
  secret_hash text not null,
  scopes      text[] not null check (cardinality(scopes) > 0),
  company_id  uuid,
  visibility  text check (visibility in ('company', 'subtree')),
  created_at  timestamptz not null,
  primary key (tenant_id, client_id),
  foreign key (tenant_id, company_id) references companies,
  check ((company_id is null) = (visibility is null))
);

create table charging_station_models (
  tenant_id  uuid not null references tenants,
  id         integer not null check (id > 0),
  vendor     text not null,
  name       text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, vendor, name)
);

create table charging_stations (
  tenant_id           uuid not null references tenants,
  id                  uuid not null,
  company_id          uuid,
  model_id            integer,
  location_id         uuid,
  technician_user_id  integer,
  identity            text not null check (length(identity) between 1 and 48),
  label               text not null check (label <> ''),
  public_display_name text,
  time_zone           text,
  address             json,
  geolocation         json,
  security_profile    smallint not null default 0 check (security_profile between 0 and 3),
  password_hash       text,
  vendor              text,
  model               text,
  serial_number       text,
  firmware_version    text,
  iccid               text,
  imsi                text,
  booted_at           timestamptz,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, identity),
  foreign key (tenant_id, company_id) references companies,
  foreign key (tenant_id, model_id) references charging_station_models
);
create index charging_stations_by_company on charging_stations (tenant_id, company_id, id);

-- What changes with every connection and with time stands apart from the station itself: these rows are narrow, are
-- rewritten often, and no index holds a column that changes. connection_id is null while no connection is open.
create table station_connections (
  tenant_id           uuid not null,
  charging_station_id uuid not null,
  connection_id       uuid,
  node                text,
  ocpp_version        text not null,
  opened_at           timestamptz not null,
  closed_at           timestamptz,
  last_seen_at        timestamptz not null,
  primary key (tenant_id, charging_station_id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
) with (fillfactor = 70);

-- number 0 is the station as a whole (OCPP 1.6 §4.9).
create table connectors (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  number              integer not null check (number >= 0),
  status              text,
  error_code          text,
  vendor_error_code   text,
  vendor_id           text,
  info                text,
  status_at           timestamptz,
  created_at          timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, charging_station_id, number),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
) with (fillfactor = 85);

create table signing_keys (
  kid         text primary key,
  private_jwk jsonb not null,
  signs_from  timestamptz not null,
  created_at  timestamptz not null
);

-- The second wall behind the store's own scope: rows of a tenant can be read or written only where the session has
-- named that tenant. The sub-select is evaluated once per statement, not once per row. A session that has named none
-- gets an error. api_clients and signing_keys are read before the tenant is known and stand outside the wall.
create function guard_tenants_of(table_names text[]) returns void
language plpgsql as $$
declare
  guarded text;
begin
  foreach guarded in array table_names
  loop
    execute format('alter table %I enable row level security', guarded);
    execute format('alter table %I force row level security', guarded);
    execute format(
      'create policy named_tenants on %I using (tenant_id = any ((select current_setting(''chargeyard.tenants''))::uuid[]))',
      guarded
    );
  end loop;
end
$$;

select guard_tenants_of(array[
  'companies', 'company_ancestors', 'charging_station_models', 'charging_stations', 'station_connections', 'connectors'
]);
