// session: a user who signed in, at the settings API. There is the caller's own and no other.

import { Type } from 'typebox';
import type { AttributesOf, ResourceDeclaration } from '../resource.ts';
import { instant } from '../values.ts';
import { Role, binding } from './users.ts';

export const session = {
  type: 'session',
  api: 'settings',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    tenant: {
      schema: Type.String({
        maxLength: 63,
        description: 'The tenant’s slug. On the tenant’s own host it need not be sent.',
      }),
      written: 'at_creation',
      example: 'demo',
    },
    email: {
      schema: Type.String({ maxLength: 254 }),
      written: 'at_creation',
      required: true,
      example: 'owner@example.com',
    },
    password: {
      schema: Type.String({ maxLength: 200 }),
      written: 'at_creation',
      required: true,
      isSecret: true,
      example: 'correct horse battery',
    },
    userId: { schema: Type.Integer({ minimum: 1 }), refersTo: 'users' },
    firstName: { schema: Type.String(), example: 'Jane' },
    lastName: { schema: Type.String(), example: 'Doe' },
    role: { schema: Role },
    scopes: {
      schema: Type.Array(Type.String(), {
        description: 'What the role allows, at this API and at the CPO API.',
      }),
      example: ['cpoapi:*'],
    },
    companyUuid: { schema: binding.companyUuid.schema, example: null },
    visibility: { schema: binding.visibility.schema, example: null },
    startedAt: { schema: instant },
    endsAt: { schema: instant, example: '2026-12-02T12:00:00.000Z' },
  },
} as const satisfies ResourceDeclaration;

export type SessionAttributes = AttributesOf<typeof session>;

/** The caller's own password, to be changed. */
export const password = {
  type: 'password',
  api: 'settings',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    currentPassword: {
      schema: Type.String({ maxLength: 200 }),
      written: 'always',
      required: true,
      isSecret: true,
      example: 'correct horse battery',
    },
    newPassword: {
      schema: Type.String({ minLength: 12, maxLength: 200 }),
      written: 'always',
      required: true,
      isSecret: true,
      example: 'correct horse battery staple',
    },
  },
} as const satisfies ResourceDeclaration;
