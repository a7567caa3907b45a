-- For how many days a tenant's rows are kept in the tables that are partitioned by time (src/store/time_partitions.ts).
alter table tenants
  add column communication_log_days integer not null default 30 check (communication_log_days between 1 and 3650),
  add column meter_value_days       integer not null default 400 check (meter_value_days between 1 and 3650);
