// charging_station_models: where the modelId of a charging station comes from.

import { Type } from 'typebox';
import type { AttributesOf, ResourceDeclaration } from '../resource.ts';

const name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });
const instant = Type.String({ format: 'date-time' });

export const chargingStationModels = {
  type: 'charging_station_models',
  id: 'integer',
  paged: 'offset',
  attributes: {
    vendor: {
      schema: name,
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Vendor',
    },
    name: {
      schema: name,
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Wallbox 22',
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  searched: ['vendor', 'name'],
  hasUpdatedSince: true,
} as const satisfies ResourceDeclaration;

export type ChargingStationModelAttributes = AttributesOf<typeof chargingStationModels>;
