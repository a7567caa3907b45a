-- What makes lists fast: the named tenants are read once per statement, not once per row; a total is a row of its own, not
-- a sum over blocks; rows can be kept by their versions; and a search finds its stations in an index.

-- The cast stood outside the sub-select, so the text was parsed anew for each row. The outer cast does nothing, but
-- without it the sub-select would be one of many rows.
create or replace function guard_tenants_of(table_names text[]) returns void
language plpgsql as $$
declare
  guarded text;
begin
  foreach guarded in array table_names
  loop
    execute format('alter table %I enable row level security', guarded);
    execute format('alter table %I force row level security', guarded);
    execute format('drop policy if exists named_tenants on %I', guarded);
    execute format(
      'create policy named_tenants on %I using (tenant_id = any ((select current_setting(''chargeyard.tenants'')::uuid[])::uuid[]))',
      guarded
    );
  end loop;
end
$$;

-- How many stations each scope of charging_station_ranks holds in all.
create table charging_station_totals (
  tenant_id uuid not null,
  scope_id  uuid not null,
  stations  integer not null,
  primary key (tenant_id, scope_id)
) with (fillfactor = 50);

-- Before the wall: this is of every tenant.
alter table charging_station_ranks no force row level security;
insert into charging_station_totals
select tenant_id, scope_id, sum(stations) from charging_station_ranks group by tenant_id, scope_id;

-- As before (000002), and keeps the total.
create or replace function rank_charging_stations(in_tenant uuid, in_scope uuid, ids uuid[], by integer, may_cut boolean)
returns void
language plpgsql as $$
declare
  nil constant uuid := '00000000-0000-0000-0000-000000000000';
  block_size constant integer := 2000;
  full_block record;
begin
  insert into charging_station_totals as t values (in_tenant, in_scope, by * cardinality(ids))
  on conflict (tenant_id, scope_id) do update set stations = t.stations + excluded.stations;

  insert into charging_station_ranks values (in_tenant, in_scope, nil, 0) on conflict do nothing;
  update charging_station_ranks r
  set stations = r.stations + by * changed.n
  from (
    select located.first_id, count(*)::integer as n
    from unnest(ids) as i (id)
    cross join lateral (
      select b.first_id from charging_station_ranks b
      where b.tenant_id = in_tenant and b.scope_id = in_scope and b.first_id <= i.id
      order by b.first_id desc limit 1
    ) located
    group by located.first_id
  ) changed
  where r.tenant_id = in_tenant and r.scope_id = in_scope and r.first_id = changed.first_id;

  if by < 0 then
    delete from charging_station_ranks r
    where r.tenant_id = in_tenant and r.scope_id = in_scope and r.stations = 0 and r.first_id <> nil;
    return;
  end if;

  if not may_cut then
    return;
  end if;

  -- A block that has doubled is cut anew. New ids go to the end, so this cuts the last block now and then.
  for full_block in
    select r.first_id,
           (select n.first_id from charging_station_ranks n
            where n.tenant_id = in_tenant and n.scope_id = in_scope and n.first_id > r.first_id
            order by n.first_id limit 1) as next_id
    from charging_station_ranks r
    where r.tenant_id = in_tenant and r.scope_id = in_scope and r.stations > 2 * block_size
  loop
    insert into charging_station_ranks
    select in_tenant, in_scope, case when cut.block = 0 then full_block.first_id else cut.first_id end, cut.n
    from (
      select distinct on (numbered.block) numbered.id as first_id, numbered.block,
             (count(*) over (partition by numbered.block))::integer as n
      from (
        select s.id, (row_number() over (order by s.id) - 1) / block_size as block
        from charging_stations s
        where s.tenant_id = in_tenant and s.id >= full_block.first_id
          and (full_block.next_id is null or s.id < full_block.next_id)
          and (in_scope = nil or s.company_id = in_scope)
      ) numbered
      order by numbered.block, numbered.id
    ) cut
    on conflict (tenant_id, scope_id, first_id) do update set stations = excluded.stations;
  end loop;
end
$$;

select guard_tenants_of(
  array_agg(tablename::text order by tablename) || array['charging_station_totals']
) from pg_policies where schemaname = current_schema() and policyname = 'named_tenants';

-- What a process has read of a station it keeps by the station's version. A write past Chargeyard that leaves the version
-- as it is would not be seen; Chargeyard's own never do.
create function give_next_version() returns trigger
language plpgsql as $$
begin
  new.updated_at := greatest(now(), old.updated_at + interval '1 microsecond');
  return new;
end
$$;
create trigger version_after_update before update on charging_stations
  for each row when (new.updated_at = old.updated_at) execute function give_next_version();

-- Which three letters in a row stand in what is searched of a station. PostgreSQL takes no condition on a guarded table's
-- text to an index, but for equality: others could tell of rows behind the wall. So this table stands before the wall, and
-- holds no text: the letters are hashed, for each tenant in another way, and all that leads out of it is the id of a
-- station, which is then read behind the wall and compared for what it really says.
create table charging_station_grams (
  tenant_id           uuid not null,
  charging_station_id uuid not null,
  grams               bigint[] not null,
  primary key (tenant_id, charging_station_id)
);

-- Lowered as `ilike` does it. What is shorter than three letters has no grams.
create function search_grams(in_tenant uuid, searched text) returns bigint[]
language sql immutable parallel safe as $$
  select coalesce(array_agg(distinct hashtextextended(substr(lowered, i, 3), salt)), '{}')
  from (select lower(searched) as lowered, uuid_hash_extended(in_tenant, 0) as salt) t,
       generate_series(1, length(lowered) - 2) i
$$;

create function add_inserted_grams() returns trigger
language plpgsql as $$
begin
  insert into charging_station_grams
  select tenant_id, id, search_grams(tenant_id, concat_ws(E'\n', label, identity, serial_number)) from inserted;
  return null;
end
$$;
create trigger grams_after_insert after insert on charging_stations
  referencing new table as inserted for each statement execute function add_inserted_grams();

create function change_grams() returns trigger
language plpgsql as $$
begin
  update charging_station_grams
  set grams = search_grams(new.tenant_id, concat_ws(E'\n', new.label, new.identity, new.serial_number))
  where tenant_id = new.tenant_id and charging_station_id = new.id;
  return null;
end
$$;
create trigger grams_after_update after update of label, identity, serial_number on charging_stations
  for each row
  when ((old.label, old.identity, old.serial_number) is distinct from (new.label, new.identity, new.serial_number))
  execute function change_grams();

create function delete_grams() returns trigger
language plpgsql as $$
begin
  delete from charging_station_grams g using deleted d
  where g.tenant_id = d.tenant_id and g.charging_station_id = d.id;
  return null;
end
$$;
create trigger grams_after_delete after delete on charging_stations
  referencing old table as deleted for each statement execute function delete_grams();

alter table charging_stations no force row level security;
insert into charging_station_grams
select tenant_id, id, search_grams(tenant_id, concat_ws(E'\n', label, identity, serial_number)) from charging_stations;
alter table charging_stations force row level security;

-- What was written last is looked through one by one: up to this many kilobytes.
create index charging_station_grams_by_gram on charging_station_grams using gin (grams)
  with (gin_pending_list_limit = 256);
