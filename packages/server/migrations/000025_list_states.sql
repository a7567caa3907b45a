-- When the stations of a scope last became others. As long as it stays, whatever changes within them, each offset stands
-- where it stood. Later than before in any case, as a version is.
alter table charging_station_totals add column changed_at timestamptz not null default clock_timestamp();

create function give_next_change() returns trigger
language plpgsql as $$
begin
  new.changed_at := greatest(clock_timestamp(), old.changed_at + interval '1 microsecond');
  return new;
end
$$;
create trigger changed_before_update before update on charging_station_totals
  for each row execute function give_next_change();
