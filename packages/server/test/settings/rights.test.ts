// What a role may do: each role × resource × verb, at the settings API and, by the session, at the CPO API.

import { scopes, settingsScopes } from '@chargeyard/contract/scopes';
import { beforeAll, describe, expect, it } from 'vitest';
import { roles, scopesOfRole } from '../../src/domain/index.ts';
import type { Role } from '../../src/domain/index.ts';
import {
  aChargingStation,
  aChargingStationModel,
  aCompany,
  aConnector,
  aLocation,
  aTenant,
  anApiClient,
} from '../builders.ts';
import { base } from '../cpoapi/caller.ts';
import type { Caller } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import { aSignedIn, settingsBase } from './signed_in.ts';

const app = testApp();

type Rights = 'all' | 'read' | 'none';
/** Per resource, what owner, admin, operator and viewer may do. */
const table: Record<string, Record<Role, Rights>> = {
  [`${base}/charging_stations`]: { owner: 'all', admin: 'all', operator: 'all', viewer: 'read' },
  [`${base}/connectors`]: { owner: 'all', admin: 'all', operator: 'all', viewer: 'read' },
  [`${base}/locations`]: { owner: 'all', admin: 'all', operator: 'all', viewer: 'read' },
  [`${base}/maintenance_windows`]: { owner: 'all', admin: 'all', operator: 'all', viewer: 'read' },
  [`${base}/companies`]: { owner: 'all', admin: 'all', operator: 'read', viewer: 'read' },
  [`${base}/charging_station_models`]: { owner: 'all', admin: 'all', operator: 'read', viewer: 'read' },
  [`${base}/technicians`]: { owner: 'read', admin: 'read', operator: 'read', viewer: 'read' },
  [`${settingsBase}/users`]: { owner: 'all', admin: 'all', operator: 'none', viewer: 'none' },
  [`${settingsBase}/api_clients`]: { owner: 'all', admin: 'all', operator: 'none', viewer: 'none' },
  [`${settingsBase}/ocpp_passwords`]: { owner: 'all', admin: 'all', operator: 'none', viewer: 'none' },
  [`${settingsBase}/tenant`]: { owner: 'all', admin: 'all', operator: 'read', viewer: 'read' },
};

let tenant: { id: string; slug: string };
const ids: Record<string, string> = {};
const callers = {} as Record<Role, Caller>;

beforeAll(async () => {
  tenant = await aTenant(app.store);
  const station = await aChargingStation(app.store, tenant.id);
  for (const role of roles) callers[role] = (await aSignedIn(app, tenant, { role })).call;
  ids[`${base}/charging_stations`] = station.id;
  ids[`${base}/connectors`] = await aConnector(app.store, tenant.id, station.id, 1);
  ids[`${base}/locations`] = await aLocation(app.store, tenant.id);
  ids[`${base}/companies`] = await aCompany(app.store, tenant.id);
  ids[`${base}/charging_station_models`] = String(await aChargingStationModel(app.store, tenant.id));
  ids[`${base}/maintenance_windows`] = '1';
  ids[`${settingsBase}/users`] = '1';
  ids[`${settingsBase}/ocpp_passwords`] = tenant.id;
  ids[`${settingsBase}/api_clients`] = (await anApiClient(app.store, tenant.id)).clientId;
});

const cases = Object.entries(table).flatMap(([path, byRole]) =>
  roles.map((role) => ({ path, role, rights: byRole[role] })),
);

describe.each(cases)('$role at $path: $rights', ({ path, role, rights }) => {
  it('is let in where it may, and lacks the scope elsewhere', async () => {
    const isSingle = path.endsWith('/tenant');
    const single = isSingle ? path : `${path}/${ids[path]}`;
    const isRowsOnly = path.endsWith('/technicians');
    const requests: [string, string, Rights][] = isRowsOnly
      ? [['GET', path, 'read']]
      : [
          ...(isSingle ? [] : [['GET', path, 'read'] as [string, string, Rights]]),
          ['GET', single, 'read'],
          // Whatever the body is good for: it was looked at.
          ...(isSingle || path.endsWith('/connectors')
            ? []
            : [['POST', path, 'all'] as [string, string, Rights]]),
          ['PUT', single, 'all'],
          ['PATCH', single, 'all'],
        ];
    for (const [method, at, needed] of requests) {
      const isLetIn = rights === 'all' || rights === needed;
      const answer = await callers[role](method, at, method === 'GET' ? undefined : '[]');
      const code = answer.json<{ errors?: { code: string }[] }>().errors?.[0]?.code;
      expect(code === 'insufficient_scope', `${method} ${at}: ${answer.text}`).toBe(!isLetIn);
    }
  });
});

describe('roles', () => {
  it('give scopes that there are', () => {
    const known = [...scopes, ...settingsScopes];
    for (const role of roles) {
      expect(
        scopesOfRole(role).filter((scope) => !known.includes(scope)),
        role,
      ).toEqual([]);
    }
  });

  it('all let their users see who they are and sign out', async () => {
    for (const role of roles) {
      const { call } = await aSignedIn(app, tenant, { role });
      expect((await call('GET', '/session')).status).toBe(200);
      expect((await call('DELETE', '/session')).status).toBe(204);
    }
  });
});
