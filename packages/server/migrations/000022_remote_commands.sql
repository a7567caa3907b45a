-- Orders to charging stations. A row ends once: finished_at is set with its last state.
create table remote_commands (
  tenant_id           uuid not null references tenants,
  id                  uuid not null,
  charging_station_id uuid not null,
  command             text not null,
  parameters          json not null,
  is_synchronous      boolean not null,
  caller_id           text not null,
  idempotency_key     text,
  request_hash        text,
  state               text not null check (state in ('pending', 'sent', 'finished', 'timed_out', 'failed')),
  result              text,
  response            json,
  error_code          text,
  error_description   text,
  error_details       json,
  -- The process that waits for the end, and the one that sent it.
  asked_by            text not null,
  sent_by             text,
  created_at          timestamptz not null,
  -- By the database's clock.
  deadline_at         timestamptz not null,
  sent_at             timestamptz,
  finished_at         timestamptz,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade,
  check ((state in ('pending', 'sent')) = (finished_at is null)),
  check ((idempotency_key is null) = (request_hash is null))
) with (fillfactor = 70);
create index remote_commands_by_station on remote_commands (tenant_id, charging_station_id, id);
create index remote_commands_by_caller on remote_commands (tenant_id, caller_id)
  where finished_at is null and is_synchronous;
create index remote_commands_due on remote_commands (tenant_id, deadline_at) where finished_at is null;
create index remote_commands_ended on remote_commands (tenant_id, finished_at) where finished_at is not null;
create index remote_commands_pending on remote_commands (tenant_id, charging_station_id) where state = 'pending';
create unique index remote_commands_by_idempotency_key on remote_commands (tenant_id, caller_id, idempotency_key)
  where idempotency_key is not null;

-- A value that counts from the next boot on.
alter table configurations add column needs_reboot boolean not null default false;
create index configurations_that_need_reboot on configurations (tenant_id, charging_station_id) where needs_reboot;

select guard_tenants_of(array['remote_commands']);
