-- The people of a tenant, their sessions, and what the settings API changes.

-- Numbered per tenant, since technicianUserId is a number; uuid is their second name on the wire. Without a password a
-- user cannot sign in: a technician need not.
create table users (
  tenant_id     uuid not null references tenants,
  id            integer not null check (id > 0),
  uuid          uuid not null,
  email         text not null check (email <> ''),
  first_name    text not null check (first_name <> ''),
  last_name     text not null check (last_name <> ''),
  role          text not null check (role in ('owner', 'admin', 'operator', 'viewer')),
  company_id    uuid,
  visibility    text check (visibility in ('company', 'subtree')),
  is_active     boolean not null default true,
  is_technician boolean not null default false,
  password_hash text,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, uuid),
  foreign key (tenant_id, company_id) references companies,
  check ((company_id is null) = (visibility is null)),
  check (role <> 'owner' or company_id is null)
);
create unique index users_by_email on users (tenant_id, lower(email));
create index users_by_company on users (tenant_id, company_id, id) where company_id is not null;
create index users_technicians on users (tenant_id, lower(first_name), lower(last_name), id)
  where is_technician and is_active;

-- The token itself is in the user's cookie alone.
create table sessions (
  tenant_id    uuid not null,
  id           uuid not null,
  user_id      integer not null,
  token_hash   text not null,
  created_at   timestamptz not null,
  last_used_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users on delete cascade
) with (fillfactor = 70);
create index sessions_by_user on sessions (tenant_id, user_id);

select guard_tenants_of(array['users', 'sessions']);

-- Nobody could write the column so far. As in 000004, the wall stands aside while the new key is checked.
alter table charging_stations no force row level security;
alter table users no force row level security;
alter table charging_stations add foreign key (tenant_id, technician_user_id) references users
  on delete set null (technician_user_id);
alter table users force row level security;
alter table charging_stations force row level security;

create index charging_stations_by_technician on charging_stations (tenant_id, technician_user_id)
  where technician_user_id is not null;

-- Versions for conditional requests.
alter table api_clients add column updated_at timestamptz;
update api_clients set updated_at = created_at;
alter table api_clients alter column updated_at set not null;
alter table tenants add column updated_at timestamptz;
update tenants set updated_at = created_at;
alter table tenants alter column updated_at set not null;

-- Users make things, too: who sent a request is no longer an API client always. Rows go by their age.
alter table idempotent_requests drop constraint idempotent_requests_tenant_id_client_id_fkey;
alter table idempotent_requests rename column client_id to caller_id;
drop index idempotent_requests_by_age;
create index idempotent_requests_by_age on idempotent_requests (tenant_id, created_at);
