// tenant: the caller's own tenant's settings, at one path. Who is bound to a company reads them only.

import { tenant as declaration } from '@chargeyard/contract/resources/tenant';
import { refused, singleMethods } from '../json_api/index.ts';
import type { Method, ResourceDeps, Route, SingleResource } from '../json_api/index.ts';
import { tenantFields } from '../store/index.ts';
import type { TenantField } from '../store/index.ts';

const tenant: SingleResource<TenantField> = {
  declaration,
  fields: tenantFields,
  fieldOf: {
    slug: 'slug',
    cpoApiIsLicensed: 'cpoApiIsLicensed',
    pendingAfterSeconds: 'pendingAfterSeconds',
    offlineAfterSeconds: 'offlineAfterSeconds',
    unknownDriverTokens: 'unknownDriverTokens',
    communicationLogDays: 'communicationLogDays',
    meterValueDays: 'meterValueDays',
    eventDays: 'eventDays',
    unknownChargingStations: 'unknownChargingStations',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  find: (tables, visibility, _id, now) => tables.tenants.find(visibility, now),
  update(write) {
    const { tables, principal } = write;
    if (principal.visibility.company !== undefined)
      throw refused(
        'bound_to_company',
        'Settings of the whole tenant are changed by who is bound to no company.',
      );
    return tables.tenants.update(principal.visibility, write);
  },
};

export function tenantRoutes(deps: ResourceDeps): Route[] {
  const methods = Object.entries(singleMethods(tenant, deps)).map(([name, method]) => [
    name,
    ofCaller(method),
  ]);
  return [{ path: '/tenant', methods: Object.fromEntries(methods) as Route['methods'] }];
}

/** The path names no tenant: it is the caller's. */
function ofCaller(method: Method): Method {
  return {
    ...method,
    answer: (asked) => method.answer({ ...asked, params: { id: asked.principal.visibility.tenantId } }),
  };
}
