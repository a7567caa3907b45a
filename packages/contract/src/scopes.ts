// Rights of API clients at the CPO API (RFC 6749 §3.3): `cpoapi:*`, `cpoapi:<resource>:read`, `cpoapi:<resource>:write`
// and `cpoapi:remote_commands:execute`. `write` includes `read`. `cpo_api:*` is what the Auth0-era quickstart showed
// for `cpoapi:*` and is taken as that.

const resources = [
  'charging_stations',
  'connectors',
  'companies',
  'charging_station_models',
  'locations',
  'maintenance_windows',
  'driver_tokens',
] as const;

/** What only stations change. */
const readOnlyResources = ['errors', 'configurations'] as const;

export const allRights = 'cpoapi:*';

/** Every scope that an API client can be given. */
export const scopes: readonly string[] = [
  allRights,
  ...resources.flatMap((resource) => [`cpoapi:${resource}:read`, `cpoapi:${resource}:write`]),
  ...readOnlyResources.map((resource) => `cpoapi:${resource}:read`),
];

/** Answers the scope in its canonical spelling, or undefined when there is no such scope. */
export function canonicalScope(scope: string): string | undefined {
  const canonical = scope === 'cpo_api:*' ? allRights : scope;
  return scopes.includes(canonical) ? canonical : undefined;
}

/** Answers whether the given scopes include the right to do what needs the wanted one. */
export function includesScope(given: readonly string[], wanted: string): boolean {
  return (
    given.includes(allRights) ||
    given.includes(wanted) ||
    (wanted.endsWith(':read') && given.includes(wanted.replace(/:read$/, ':write')))
  );
}
