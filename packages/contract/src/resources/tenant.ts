// tenant: the settings of the tenant itself, at the settings API. There is one.

import { Type } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';
import { instant } from '../values.ts';

const days = (description: string) => Type.Integer({ minimum: 1, maximum: 3650, description });
const seconds = (description: string) => Type.Integer({ minimum: 1, maximum: 31_536_000, description });

export const tenant = {
  type: 'tenant',
  api: 'settings',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    slug: { schema: Type.String({ description: 'The first label of its host name.' }), example: 'demo' },
    cpoApiIsLicensed: {
      schema: Type.Boolean({ description: 'API clients may use the CPO API. The server’s verb changes it.' }),
      example: true,
    },
    pendingAfterSeconds: {
      schema: seconds('After so many seconds of silence a charging station is pending, …'),
      written: 'always',
      example: 1800,
    },
    offlineAfterSeconds: {
      schema: seconds('… and after so many it is offline; not fewer.'),
      written: 'always',
      example: 3600,
    },
    unknownDriverTokens: {
      schema: Type.Union([Type.Literal('refuse'), Type.Literal('accept')], {
        description: 'What stations are told of a code that is no driver token: Invalid, or Accepted.',
      }),
      written: 'always',
      example: 'refuse',
    },
    communicationLogDays: {
      schema: days('For so many days the communication log is kept, and up to a day longer.'),
      written: 'always',
      example: 30,
    },
    meterValueDays: {
      schema: days('For so many days meter values are kept, and up to a month longer.'),
      written: 'always',
      example: 400,
    },
    eventDays: {
      schema: days('For so many days events are kept, and up to a day longer.'),
      written: 'always',
      example: 7,
    },
    unknownChargingStations: {
      schema: Type.Union([Type.Literal('wait'), Type.Literal('accept')], {
        description:
          'What becomes of a charging station that nobody created: it waits in waiting_charging_stations, or it is created.',
      }),
      written: 'always',
      example: 'wait',
    },
    createdAt: { schema: instant },
    updatedAt: { schema: instant },
  },
} as const satisfies ResourceDeclaration;
