// meter_values: under their own path, under their station's, and under their transaction's.

import { meterValues as declaration } from '@chargeyard/contract/resources/meter_values';
import { requireVisible, resourceRoutes } from '../json_api/index.ts';
import type { Resource, ResourceDeps, Route, Within } from '../json_api/index.ts';
import { meterValueFields } from '../store/index.ts';
import type { MeterValueField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';
import { transactions } from './transactions.ts';

export const meterValues = {
  declaration,
  path: '/meter_values',
  fields: meterValueFields,
  fieldOf: {
    cpId: 'chargingStationId',
    connectorNumber: 'connectorNumber',
    transactionId: 'transactionId',
    measuredAt: 'measuredAt',
    receivedAt: 'receivedAt',
    samples: 'samples',
  },
  page: (tables, visibility, query) => tables.meterValues.page(visibility, query),
  find: (tables, visibility, id, now) => tables.meterValues.find(visibility, id, now),
} satisfies Resource<MeterValueField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], MeterValueField>;
};

export function meterValueRoutes(deps: ResourceDeps): Route[] {
  return [
    ...routesWithStations(meterValues, deps),
    ...resourceRoutes(
      { ...meterValues, path: '/transactions/:transactionId/meter_values' },
      deps,
      withinTransaction(deps),
    ),
  ];
}

function withinTransaction({ store, clock }: ResourceDeps): Within {
  return {
    attributes: ['transactionId'],
    async given({ params, principal }) {
      const id = params['transactionId'] ?? '';
      const { visibility } = principal;
      await requireVisible(transactions, id, { tables: store, visibility, now: clock.now() });
      return { transactionId: id };
    },
  };
}
