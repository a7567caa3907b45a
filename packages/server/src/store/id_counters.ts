// id_counters: the integers that some resources have for ids, counted per tenant. Whoever takes a number holds the
// counter's row until commit, so no two get the same, and none is given twice.

/** The common table expression `number (last_id)` that takes a tenant's next number for a resource; $1 is the tenant's id. */
export function nextNumber(resource: string): string {
  return `number as (
    insert into id_counters as c values ($1, '${resource}', 1)
    on conflict (tenant_id, resource) do update set last_id = c.last_id + 1 returning last_id
  )`;
}
