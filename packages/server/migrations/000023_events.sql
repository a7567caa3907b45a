-- What happened, for those who want to be told (src/store/events.ts), and the webhooks by which they are.

-- Events are written only while somebody reads them: until events_read_until, without a break since events_read_since.
alter table tenants
  add column event_days        integer not null default 7 check (event_days between 1 and 3650),
  add column events_read_since timestamptz,
  add column events_read_until timestamptz;

-- The order of events is that of the transactions that wrote them, and within one of seq. Transactions are numbered by
-- PostgreSQL; a dump that is restored elsewhere comes to numbers that are lower, so `ahead` is added to them.
create table event_order (
  is_only boolean primary key default true check (is_only),
  ahead   bigint not null default 0
);
insert into event_order default values;
create sequence event_numbers;

-- at is by our clock. There are no foreign keys: rows outlive their station, and are written by the thousand. data is JSON
-- as text, which nothing looks into.
create table events (
  tenant_id           uuid not null,
  tx                  bigint not null,
  seq                 bigint not null default nextval('event_numbers'),
  at                  timestamptz not null,
  type                text not null,
  charging_station_id uuid not null,
  data                text not null,
  primary key (tenant_id, tx, seq, at)
) partition by range (at);
create table events_default partition of events default;

-- position_… is how far into the events it has come: what is not delivered of those before is in webhook_deliveries.
-- sent_back counts how often it was told to go back, so that whoever delivers meanwhile does not go on from where he was.
-- Secrets are kept as they are, being signed with (docs/decisions/webhook_secrets.md).
create table webhooks (
  tenant_id             uuid not null,
  id                    uuid not null,
  url                   text not null,
  description           text,
  event_types           text[] check (cardinality(event_types) > 0),
  company_id            uuid,
  visibility            text check (visibility in ('company', 'subtree')),
  secret                text not null,
  previous_secret       text,
  previous_secret_until timestamptz,
  state                 text not null default 'active' check (state in ('active', 'paused')),
  pause_reason          text check (pause_reason in ('requested', 'failing', 'gone')),
  position_tx           bigint not null,
  position_seq          bigint not null,
  position_at           timestamptz not null,
  sent_back             integer not null default 0,
  failures              integer not null default 0,
  failing_since         timestamptz,
  next_attempt_at       timestamptz,
  last_delivered_at     timestamptz,
  last_error            text,
  last_error_at         timestamptz,
  left_out              integer not null default 0,
  leased_by             uuid,
  leased_until          timestamptz,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id) references tenants,
  foreign key (tenant_id, company_id) references companies,
  check ((company_id is null) = (visibility is null)),
  check ((state = 'paused') = (pause_reason is not null))
);

-- Events that a receiver did not take, and those of the same station that wait behind them.
create table webhook_deliveries (
  tenant_id           uuid not null,
  webhook_id          uuid not null,
  tx                  bigint not null,
  seq                 bigint not null,
  at                  timestamptz not null,
  charging_station_id uuid not null,
  attempts            integer not null default 0,
  failing_since       timestamptz,
  next_attempt_at     timestamptz,
  primary key (tenant_id, webhook_id, tx, seq),
  foreign key (tenant_id, webhook_id) references webhooks on delete cascade
);
create index webhook_deliveries_by_station
  on webhook_deliveries (tenant_id, webhook_id, charging_station_id, tx, seq);

-- When the rest of the house was told that a window has begun, and that it has ended.
alter table maintenance_windows
  add column start_told_at timestamptz,
  add column end_told_at   timestamptz;
create index maintenance_windows_to_start on maintenance_windows (starts_at) where start_told_at is null;
create index maintenance_windows_to_end on maintenance_windows (ends_at) where end_told_at is null;

select guard_tenants_of(array['events', 'events_default', 'webhooks', 'webhook_deliveries']);
