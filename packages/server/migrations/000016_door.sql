-- Who may connect as a charging station, and who was refused.

-- A station that offers no subprotocol, or one that nobody speaks, is taken to speak this one.
alter table charging_stations add column assumed_subprotocol text;

-- What becomes of an identity that nobody created.
alter table tenants add column unknown_charging_stations text not null default 'wait'
  check (unknown_charging_stations in ('wait', 'accept'));

-- Passwords that all of a tenant's stations without one of their own may send. Several at a time, so that they can be
-- changed station by station.
create table ocpp_passwords (
  tenant_id     uuid not null references tenants,
  id            uuid not null,
  name          text not null check (name <> ''),
  password_hash text not null,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (tenant_id, id)
);

-- Identities that nobody created and that came nevertheless. Each tenant has a bounded number of them.
create table waiting_charging_stations (
  tenant_id       uuid not null references tenants,
  id              uuid not null,
  identity        text not null check (length(identity) between 1 and 48),
  address         text not null,
  subprotocols    json not null,
  attempts        integer not null,
  created_at      timestamptz not null,
  last_attempt_at timestamptz not null,
  updated_at      timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, identity)
) with (fillfactor = 70);

select guard_tenants_of(array['ocpp_passwords', 'waiting_charging_stations']);

-- However a station comes to be: by API, import, verb or at the door.
create function leave_waiting_room() returns trigger
language plpgsql as $$
begin
  delete from waiting_charging_stations where tenant_id = new.tenant_id and identity = new.identity;
  return null;
end
$$;
create trigger waiting_room_after_insert after insert on charging_stations
  for each row execute function leave_waiting_room();
create trigger waiting_room_after_update after update of identity on charging_stations
  for each row when (new.identity <> old.identity) execute function leave_waiting_room();

-- A station can be refused before it was ever connected. last_refusal is what the API shows: `{at, reason, address}`.
alter table station_connections
  alter column ocpp_version drop not null,
  alter column opened_at drop not null,
  alter column last_seen_at drop not null,
  add column last_refusal json;
