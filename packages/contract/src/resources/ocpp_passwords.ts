// ocpp_passwords: what the tenant's charging stations without a password of their own may send, at the settings API.

import { Type } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';

const instant = Type.String({ format: 'date-time' });

export const ocppPasswords = {
  type: 'ocpp_passwords',
  api: 'settings',
  id: 'uuid',
  paged: 'offset',
  searched: ['name'],
  hasUpdatedSince: true,
  attributes: {
    name: {
      schema: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Stations of 2026',
    },
    password: {
      schema: Type.String({
        pattern: '^[\\x21-\\x7e]{16,40}$',
        description:
          '16 to 40 printable ASCII characters, such as stations have already; without it a new one is made.',
      }),
      written: 'at_creation',
      isSecret: true,
      example: 'PASSWORD_OF_THE_STATIONS',
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  shownOnce: {
    password: {
      schema: Type.String({ description: 'The password, shown now and never again.' }),
      example: 'PASSWORD_OF_THE_STATIONS',
    },
  },
} as const satisfies ResourceDeclaration;
