// id_counters: the integers that some resources have for ids, counted per tenant. Whoever takes a number holds the
// counter's row until commit, so no two get the same, and none is given twice.

/** The common table expression `number (last_id)` that takes a tenant's next number for a resource; $1 is the tenant's id. */
export function nextNumber(resource: string): string {
  return `number as (
    insert into id_counters as c values ($1, '${resource}', 1)
    on conflict (tenant_id, resource) do update set last_id = c.last_id + 1 returning last_id
  )`;
}

/**
 * The common table expressions `counted`, which takes as many of each tenant's next numbers for a resource as there are rows
 * in another, `from`, and `numbered`: its rows with their `number`, in the order of their `at`.
 */
export function nextNumbers(resource: string, from: string): string {
  return `counted as (
    insert into id_counters as c
    select tenant_id, '${resource}', count(*) from ${from} group by tenant_id order by tenant_id
    on conflict (tenant_id, resource) do update set last_id = c.last_id + excluded.last_id
    returning tenant_id, last_id
  ), numbered as (
    select ${from}.*,
           (c.last_id + 1 - row_number() over (partition by ${from}.tenant_id order by ${from}.at desc))::int as number
    from ${from} join counted c on c.tenant_id = ${from}.tenant_id
  )`;
}
