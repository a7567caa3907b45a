-- What a location is known by in the files that it is imported from, so that the next import finds it again.

alter table locations add column ocpi_id text check (ocpi_id <> '');
create unique index locations_by_ocpi_id on locations (tenant_id, ocpi_id) where ocpi_id is not null;
