-- What stations say later of commands that they have answered.
alter table remote_commands
  add column notifications json[] not null default '{}',
  -- Until when more is awaited; null: nothing is.
  add column awaited_until timestamptz,
  -- Below which URL of ours the station uploads; null: elsewhere, or nothing.
  add column upload_url    text;
create index remote_commands_awaited on remote_commands (tenant_id, charging_station_id) where awaited_until is not null;

-- What stations uploaded.
create table station_files (
  tenant_id           uuid not null references tenants,
  id                  uuid not null,
  charging_station_id uuid not null,
  remote_command_id   uuid not null,
  name                text,
  media_type          text,
  size                bigint not null default 0,
  -- Hexadecimal.
  sha256              text,
  -- null: it is being uploaded, or that broke off.
  received_at         timestamptz,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade,
  foreign key (tenant_id, remote_command_id) references remote_commands on delete cascade,
  check (received_at is null or (name is not null and sha256 is not null))
);
create index station_files_by_station on station_files (tenant_id, charging_station_id, id);
create index station_files_by_command on station_files (tenant_id, remote_command_id, id);
create index station_files_received on station_files (tenant_id, received_at);

create table station_file_parts (
  tenant_id uuid not null,
  file_id   uuid not null,
  number    integer not null,
  bytes     bytea not null,
  primary key (tenant_id, file_id, number),
  foreign key (tenant_id, file_id) references station_files on delete cascade
);
-- Mostly compressed by the station.
alter table station_file_parts alter column bytes set storage external;

-- The right to upload one file. It is gone when the file is there.
create table station_uploads (
  tenant_id         uuid not null,
  -- SHA-256, hexadecimal.
  token_hash        text not null,
  remote_command_id uuid not null,
  expires_at        timestamptz not null,
  -- What is being uploaded, or broke off.
  file_id           uuid,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, remote_command_id) references remote_commands on delete cascade
);
create index station_uploads_by_command on station_uploads (tenant_id, remote_command_id);
create index station_uploads_expired on station_uploads (tenant_id, expires_at);

select guard_tenants_of(array['station_files', 'station_file_parts', 'station_uploads']);
