-- Cards, apps and key codes by which stations know drivers.

create table driver_tokens (
  tenant_id                      uuid not null references tenants,
  id                             uuid not null,
  company_id                     uuid,
  value                          text not null check (length(value) between 1 and 255),
  type                           text,
  label                          text,
  is_blocked                     boolean not null default false,
  expires_at                     timestamptz,
  parent_value                   text,
  allows_concurrent_transactions boolean not null default false,
  created_at                     timestamptz not null,
  updated_at                     timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, company_id) references companies
);
-- The collation "C" lowers ASCII alone, the same in every database.
create unique index driver_tokens_by_value on driver_tokens (tenant_id, lower(value collate "C"));
create index driver_tokens_by_company on driver_tokens (tenant_id, company_id, id);

select guard_tenants_of(array['driver_tokens']);
