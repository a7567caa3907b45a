-- The server's processes that share this database. Each says now and then that it runs; who is silent for long is taken for
-- lost, and the connections of stations that it held are closed. Outside the tenants' wall: they are nobody's rows.
create table server_processes (
  name       text primary key,
  started_at timestamptz not null,
  seen_at    timestamptz not null
) with (fillfactor = 70);

-- What a connection tells of its station's state counts only while the station has no newer one, at another process. (A
-- process itself takes no more from a connection once it has a newer one of the station.)
create function require_newest_connections(tenant_ids uuid[], station_ids uuid[], connection_ids uuid[]) returns void
language plpgsql as $$
begin
  perform from unnest(tenant_ids, station_ids, connection_ids) as f (tenant_id, station_id, connection_id)
  join station_connections c on c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
    and c.connection_id <> f.connection_id;
  if found then
    raise exception 'a charging station has a newer connection'
      using errcode = 'integrity_constraint_violation', constraint = 'newest_connection';
  end if;
end
$$;
