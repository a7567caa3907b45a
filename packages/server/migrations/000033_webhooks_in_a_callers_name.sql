-- A webhook is sent events in somebody's name: an API client's id, or user/<number>. Of those that were made before, nobody
-- knows in whose, and they are sent nothing until somebody has them go on.
alter table webhooks add column caller_id text;
