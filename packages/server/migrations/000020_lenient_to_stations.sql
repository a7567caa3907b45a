-- How calls are taken that deviate from OCPP: repaired where that is safe, or refused.
alter table charging_station_models
  add column leniency text not null default 'lenient' check (leniency in ('lenient', 'strict'));

-- What stations report of themselves: of firmware updates, uploads of diagnostics and logs, security events, and requests
-- for a certificate. status is null where a report has none; security_event is the type of one; details are its
-- technical information, or the request.
create table station_reports (
  tenant_id           uuid not null,
  id                  uuid not null,
  charging_station_id uuid not null,
  kind                text not null
    check (kind in ('firmware', 'signed_firmware', 'diagnostics', 'log', 'security_event', 'certificate_request')),
  status              text,
  security_event      text,
  request_id          integer,
  details             text,
  reported_at         timestamptz not null,
  received_at         timestamptz not null,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, charging_station_id) references charging_stations on delete cascade
);
create index station_reports_by_station on station_reports (tenant_id, charging_station_id, id);
create index station_reports_by_kind on station_reports (tenant_id, charging_station_id, kind, reported_at);

select guard_tenants_of(array['station_reports']);
