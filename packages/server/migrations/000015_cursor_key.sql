-- What has signed cursors: one key for the installation, so that all its processes take each other's. Outside the tenants'
-- wall, as signing_keys are: it is nobody's rows.
create table cursor_key (
  is_only boolean primary key default true check (is_only),
  key     bytea not null
);
insert into cursor_key (key) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- Technicians are written as users, so no scope of the CPO API ever allowed it.
update api_clients
set scopes = array_append(array_remove(array_remove(scopes, 'cpoapi:technicians:read'), 'cpoapi:technicians:write'),
                          'cpoapi:technicians:read')
where 'cpoapi:technicians:write' = any (scopes);
