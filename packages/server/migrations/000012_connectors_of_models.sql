-- The connectors that a new station of a model gets: a list of objects as the API shows them.
alter table charging_station_models add column connectors json not null default '[]';
