// Rights at the APIs (RFC 6749 §3.3): `cpoapi:*`, `cpoapi:<resource>:read`, `cpoapi:<resource>:write` and
// `cpoapi:remote_commands:execute` at the CPO API, which API clients can be given; `settings:…` at the settings API, which
// users have by their role. `write` and `execute` include `read`. `cpo_api:*` is what the Auth0-era quickstart showed for `cpoapi:*`
// and is taken as that.

const resources = [
  'charging_stations',
  'connectors',
  'companies',
  'charging_station_models',
  'locations',
  'maintenance_windows',
  'driver_tokens',
  'waiting_charging_stations',
  'webhooks',
] as const;

/** What only stations change, and what happens; and technicians, who are made as users. */
const readOnlyResources = [
  'technicians',
  'errors',
  'configurations',
  'transactions',
  'meter_values',
  'latest_meter_values',
  'communication_log',
  'station_files',
  'station_reports',
  'events',
] as const;

/** What is sent to stations: not written, but executed. Who may execute them may read them. */
const executedResources = ['remote_commands'] as const;

const settingsResources = ['session', 'tenant', 'api_clients', 'ocpp_passwords', 'users'] as const;

export const allRights = 'cpoapi:*';

/** Every scope that an API client can be given. */
export const scopes: readonly string[] = [
  allRights,
  ...resources.flatMap((resource) => [`cpoapi:${resource}:read`, `cpoapi:${resource}:write`]),
  ...readOnlyResources.map((resource) => `cpoapi:${resource}:read`),
  ...executedResources.flatMap((resource) => [`cpoapi:${resource}:read`, `cpoapi:${resource}:execute`]),
];

/** Beside the right to write users: owners are made and changed by who has this only. */
export const ownersScope = 'settings:owners:write';

/** Every right at the settings API. */
export const settingsScopes: readonly string[] = [
  ...settingsResources.flatMap((resource) => [`settings:${resource}:read`, `settings:${resource}:write`]),
  ownersScope,
];

/** Answers the scope in its canonical spelling, or undefined when there is no such scope. */
export function canonicalScope(scope: string): string | undefined {
  const canonical = scope === 'cpo_api:*' ? allRights : scope;
  return scopes.includes(canonical) ? canonical : undefined;
}

/** Answers whether the given scopes include the right to do what needs the wanted one. */
export function includesScope(given: readonly string[], wanted: string): boolean {
  return (
    given.includes(wanted) ||
    (wanted.startsWith('cpoapi:') && given.includes(allRights)) ||
    (wanted.endsWith(':read') &&
      ['write', 'execute'].some((right) => given.includes(wanted.replace(/:read$/, `:${right}`))))
  );
}
