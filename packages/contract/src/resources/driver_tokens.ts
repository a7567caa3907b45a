// driver_tokens: cards, apps and key codes by which a station knows a driver (OCPP 1.6 idTag, OCPP 2.0.1 IdToken).

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { driverTokenCode, instant, uuid } from '../values.ts';

export const driverTokens = {
  type: 'driver_tokens',
  id: 'uuid',
  paged: 'offset',
  searched: ['value', 'label'],
  hasUpdatedSince: true,
  relationships: { company: { toOne: 'companies', by: 'companyUuid' } },
  attributes: {
    value: {
      schema: driverTokenCode(
        'The code that a station sends: 1 to 255 printable ASCII characters, none of the ends a space. ' +
          'Unique per tenant, without regard to case.',
      ),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: '04A2B3C4D5E6F7',
    },
    // Not `type`, which names a resource's own (JSON:API 1.1 §7.2.2.1).
    tokenType: {
      schema: orNull(
        Type.Union(
          (
            [
              'Central',
              'eMAID',
              'ISO14443',
              'ISO15693',
              'KeyCode',
              'Local',
              'MacAddress',
              'NoAuthorization',
            ] as const
          ).map((word) => Type.Literal(word)),
        ),
        'OCPP 2.0.1 IdTokenEnumType.',
      ),
      written: 'always',
      filters: true,
      example: 'ISO14443',
    },
    label: {
      schema: orNull(Type.String({ maxLength: 200 }), 'Name shown to operators.'),
      written: 'always',
      sorts: true,
      example: 'Service card 1',
    },
    companyUuid: {
      schema: orNull(uuid, 'Company to which the driver token belongs.'),
      written: 'always',
      required: true,
      filters: true,
      refersTo: 'companies',
      tellsOwner: true,
    },
    isBlocked: {
      schema: Type.Boolean({ description: 'It may not charge.' }),
      written: 'always',
      filters: true,
    },
    expiresAt: {
      schema: orNull(instant, 'From then on it may not charge; null: it does not expire.'),
      written: 'always',
      sorts: true,
      example: '2091-02-17T07:00:00.000Z',
    },
    parentValue: {
      schema: orNull(
        driverTokenCode('The code of the group to which it belongs (parentIdTag, groupIdToken).'),
      ),
      written: 'always',
      example: null,
    },
    allowsConcurrentTransactions: {
      schema: Type.Boolean({ description: 'It may charge at several connectors at once.' }),
      written: 'always',
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
