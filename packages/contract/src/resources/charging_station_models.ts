// charging_station_models: where the modelId of a charging station comes from. A new station of a model gets the connectors
// that the model names.

import { Type } from 'typebox';
import type { TObject } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { connectorMake, connectorNumber, evseNumber } from './connectors.ts';
import { instant, name } from '../values.ts';

/** The connectors that a station of the model has; what is not known of one is null. */
const connectors = (connector: TObject) =>
  Type.Array(connector, {
    maxItems: 100,
    description: 'What a new station of the model gets. Each connectorNumber once.',
  });
const Connector = Type.Object(
  { connectorNumber, evseNumber: orNull(evseNumber), ...connectorMake },
  { additionalProperties: false },
);
const WrittenConnector = Type.Object(
  { connectorNumber, ...Type.Partial(Type.Omit(Connector, ['connectorNumber'])).properties },
  { additionalProperties: false },
);

export const chargingStationModels = {
  type: 'charging_station_models',
  id: 'integer',
  paged: 'offset',
  attributes: {
    vendor: {
      schema: name(100),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Vendor',
    },
    name: {
      schema: name(100),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Wallbox 22',
    },
    connectors: {
      schema: connectors(Connector),
      writtenAs: connectors(WrittenConnector),
      written: 'always',
      example: [],
    },
    leniency: {
      schema: Type.Union([Type.Literal('lenient'), Type.Literal('strict')], {
        description:
          'How calls of its stations are taken that deviate from OCPP: repaired where that is safe, or refused.',
      }),
      written: 'always',
      filters: true,
      example: 'lenient',
      exampleAtFirst: 'lenient',
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  searched: ['vendor', 'name'],
  hasUpdatedSince: true,
} as const satisfies ResourceDeclaration;
