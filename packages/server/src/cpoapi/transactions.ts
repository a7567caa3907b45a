// transactions: under their own path, and under their station's.

import { transactions as declaration } from '@chargeyard/contract/resources/transactions';
import type { Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { transactionFields } from '../store/index.ts';
import type { TransactionField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const transactions = {
  declaration,
  path: '/transactions',
  fields: transactionFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorId: 'connectorId',
    connectorNumber: 'connectorNumber',
    driverToken: 'driverToken',
    authorizationStatus: 'authorizationStatus',
    reservationId: 'reservationId',
    state: 'state',
    startDate: 'startedAt',
    endDate: 'endedAt',
    meterStartWh: 'meterStartWh',
    meterStopWh: 'meterStopWh',
    energyWh: 'energyWh',
    stopReason: 'stopReason',
    stopDriverToken: 'stopDriverToken',
    endedBy: 'endedBy',
    flags: 'flags',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.transactions.page(visibility, query),
  find: (tables, visibility, id, now) => tables.transactions.find(visibility, id, now),
} satisfies Resource<TransactionField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], TransactionField>;
};

export function transactionRoutes(deps: ResourceDeps): Route[] {
  return routesWithStations(transactions, deps);
}
