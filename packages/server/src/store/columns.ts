// What a statement of many rows gets: an array for each column, which `unnest` puts together again.

/** Answers a column: the value of each; null where it has none. */
export const column = <F, V>(facts: readonly F[], value: (fact: F) => V | undefined): (V | null)[] =>
  facts.map((fact) => value(fact) ?? null);

/** Answers the tenants whose rows are touched, each once. */
export const tenantIdsOf = (things: readonly { readonly tenantId: string }[]): string[] => [
  ...new Set(things.map(({ tenantId }) => tenantId)),
];
