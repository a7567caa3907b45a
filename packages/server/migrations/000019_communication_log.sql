-- What stations and the server said to each other, a row a call: written once, in the order of ids, and dropped by day
-- (src/store/time_partitions.ts). There are no foreign keys: rows outlive their station, and are written by the thousand.
-- kind: call, broken_frame, ignored_frame, connection_opened, connection_closed, left_out. Payloads and answers are JSON as
-- text, which nothing looks into; one that was too long is cut.
create table communication_log (
  tenant_id           uuid not null,
  id                  uuid not null,
  at                  timestamptz not null,
  charging_station_id uuid not null,
  connection_id       uuid,
  latency_ms          integer,
  has_problem         boolean not null,
  is_cut              boolean not null,
  kind                text not null,
  direction           text check (direction in ('from_station', 'to_station')),
  action              text,
  message_id          text,
  payload             text,
  answer              text,
  error_code          text,
  error_description   text,
  deviations          json,
  note                text,
  primary key (tenant_id, id, at)
) partition by range (at);
create index communication_log_by_station on communication_log (tenant_id, charging_station_id, id);
create index communication_log_of_problems on communication_log (tenant_id, id) where has_problem;
create table communication_log_default partition of communication_log default;

select guard_tenants_of(array['communication_log', 'communication_log_default']);
