-- What was charged. Rows outlive their charging station: they are accounts. id is the OCPP 1.6 transactionId, counted per
-- tenant and never given twice; reported_id is what the station calls it, which is another number where the station never
-- got ours. started_at is null while only a stop came.
create table transactions (
  tenant_id           uuid not null,
  id                  integer not null check (id > 0),
  charging_station_id uuid not null,
  connector_number    integer check (connector_number >= 0),
  reported_id         bigint not null,
  driver_token        text,
  driver_token_key    text collate "C" generated always as (lower(driver_token collate "C")) stored,
  authorization_status text,
  reservation_id      bigint,
  started_at          timestamptz,
  meter_start_wh      bigint,
  meter_latest_wh     bigint,
  stopped_at          timestamptz,
  meter_stop_wh       bigint,
  stop_reason         text,
  stop_driver_token   text,
  ended_by            text check (ended_by in ('station', 'next_start', 'connector_available', 'station_lost')),
  flags               text[] not null default '{}',
  state               text not null generated always as (case when stopped_at is null then 'active' else 'ended' end) stored,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  check ((stopped_at is null) = (ended_by is null)),
  check (started_at is not null or stopped_at is not null)
) with (fillfactor = 85);
-- A start that is sent again is the same one (OCPP 1.6 has no other key for it), and so is a stop of an unknown start.
create unique index transactions_by_start on transactions
  (tenant_id, charging_station_id, connector_number, started_at, driver_token_key, meter_start_wh)
  where started_at is not null;
create unique index transactions_without_start on transactions (tenant_id, charging_station_id, reported_id, stopped_at)
  where started_at is null;
create index transactions_by_station on transactions (tenant_id, charging_station_id, id);
create index transactions_by_driver_token on transactions (tenant_id, driver_token_key, id);
create index transactions_by_reported_id on transactions (tenant_id, charging_station_id, reported_id)
  where reported_id <> id;
create index transactions_active on transactions (tenant_id, charging_station_id, connector_number)
  where stopped_at is null;
create index transactions_active_by_driver_token on transactions (tenant_id, driver_token_key)
  where stopped_at is null;

-- What meters of stations read. id begins with the instant and ends with a hash of the reading: sent again, it is the same
-- row, and ids sort by the instant.
create table meter_values (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  connector_number    integer,
  transaction_id      integer,
  measured_at         timestamptz not null,
  received_at         timestamptz not null,
  samples             json not null,
  primary key (tenant_id, id, measured_at)
) partition by range (measured_at);
create index meter_values_by_station on meter_values (tenant_id, charging_station_id, id);
create index meter_values_by_transaction on meter_values (tenant_id, transaction_id, id)
  where transaction_id is not null;
create table meter_values_default partition of meter_values default;

-- The newest sample of each measurand, phase and location at a connector.
create table latest_meter_values (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  connector_number    integer not null,
  samples             jsonb not null,
  measured_at         timestamptz not null,
  primary key (tenant_id, charging_station_id, connector_number),
  unique (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
) with (fillfactor = 50);

-- What codes are compared by. An index of an expression over them would not be used: row-level security lets no function
-- see a row before the wall does, unless it is leakproof, and lower() is not.
alter table driver_tokens
  add column value_key text collate "C" not null generated always as (lower(value collate "C")) stored,
  add column parent_value_key text collate "C" generated always as (lower(parent_value collate "C")) stored;
drop index driver_tokens_by_value;
create unique index driver_tokens_by_value on driver_tokens (tenant_id, value_key);

alter table tenants
  add column unknown_driver_tokens text not null default 'refuse' check (unknown_driver_tokens in ('refuse', 'accept'));

select guard_tenants_of(array['transactions', 'meter_values', 'meter_values_default', 'latest_meter_values']);
