-- How many stations a list holds, and where its nth one stands, without counting them: stations in the order of their
-- ids are cut into blocks of some thousand, and each block knows how many it holds. A total is the sum of some hundred
-- numbers; an offset passes over whole blocks and then over less than one.
--
-- Blocks are kept per scope: the tenant as a whole (scope_id is the nil UUID) and each company by itself. A block holds
-- the ids from its first_id up to the next block's; the first block begins at the nil UUID.

create table charging_station_ranks (
  tenant_id uuid not null,
  scope_id  uuid not null,
  first_id  uuid not null,
  stations  integer not null,
  primary key (tenant_id, scope_id, first_id)
) with (fillfactor = 50);

select guard_tenants_of(array['charging_station_ranks']);

-- Adds stations to the blocks of a scope (or with by = -1 takes them away). The caller holds the tenant's lock. A cut
-- counts the stations that are there, so it must not happen while a statement's other rows are still to be added.
create function rank_charging_stations(in_tenant uuid, in_scope uuid, ids uuid[], by integer, may_cut boolean)
returns void
language plpgsql as $$
declare
  nil constant uuid := '00000000-0000-0000-0000-000000000000';
  block_size constant integer := 2000;
  full_block record;
begin
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

-- One writer of a tenant's ranks at a time: who waits here sees, when it goes on, the blocks that the other has cut.
create function lock_charging_station_ranks(tenant_ids uuid[]) returns void
language plpgsql as $$
begin
  perform 1 from tenants where id = any (tenant_ids) order by id for no key update;
end
$$;

create function rank_inserted_charging_stations() returns trigger
language plpgsql as $$
begin
  perform lock_charging_station_ranks(array(select distinct tenant_id from inserted));
  perform rank_charging_stations(tenant_id, '00000000-0000-0000-0000-000000000000', array_agg(id), 1, true)
    from inserted group by tenant_id;
  perform rank_charging_stations(tenant_id, company_id, array_agg(id), 1, true)
    from inserted where company_id is not null group by tenant_id, company_id;
  return null;
end
$$;
create trigger ranks_after_insert after insert on charging_stations
  referencing new table as inserted for each statement execute function rank_inserted_charging_stations();

create function rank_deleted_charging_stations() returns trigger
language plpgsql as $$
begin
  perform lock_charging_station_ranks(array(select distinct tenant_id from deleted));
  perform rank_charging_stations(tenant_id, '00000000-0000-0000-0000-000000000000', array_agg(id), -1, true)
    from deleted group by tenant_id;
  perform rank_charging_stations(tenant_id, company_id, array_agg(id), -1, true)
    from deleted where company_id is not null group by tenant_id, company_id;
  return null;
end
$$;
create trigger ranks_after_delete after delete on charging_stations
  referencing old table as deleted for each statement execute function rank_deleted_charging_stations();

-- Row by row, because a trigger on one column gets no table of a statement's rows, and one on all columns would run with
-- every boot. A block that moves have overfilled is cut at the next insert.
create function rank_moved_charging_station() returns trigger
language plpgsql as $$
begin
  perform lock_charging_station_ranks(array[new.tenant_id]);
  if old.company_id is not null then
    perform rank_charging_stations(old.tenant_id, old.company_id, array[old.id], -1, false);
  end if;
  if new.company_id is not null then
    perform rank_charging_stations(new.tenant_id, new.company_id, array[new.id], 1, false);
  end if;
  return null;
end
$$;
create trigger ranks_after_move after update of company_id on charging_stations
  for each row when (old.company_id is distinct from new.company_id) execute function rank_moved_charging_station();
