-- Why what a station asked for was refused.
alter table station_reports add column reason text;
