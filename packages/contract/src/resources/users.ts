// users: the people of a tenant, at the settings API.

import { Type } from 'typebox';
import type { Static } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, name, uuid } from '../values.ts';

/** What a user may do, from all to looking on. */
export const Role = Type.Union(
  [Type.Literal('owner'), Type.Literal('admin'), Type.Literal('operator'), Type.Literal('viewer')],
  { description: 'What the user may do: see docs/settings_api.md.' },
);
export type Role = Static<typeof Role>;
export const roles: readonly Role[] = Role.anyOf.map((literal) => literal.const);

/** The company to which users and API clients can be bound, and how much of it they see. */
export const binding = {
  companyUuid: {
    schema: orNull(uuid, 'The company that it is bound to; null: the whole tenant.'),
    written: 'always',
    filters: true,
    refersTo: 'companies',
    example: null,
  },
  visibility: {
    schema: orNull(
      Type.Union([Type.Literal('company'), Type.Literal('subtree')]),
      'With companyUuid: that company alone, or its subordinates, too (unless said otherwise).',
    ),
    written: 'always',
    example: null,
  },
} as const;

export const users = {
  type: 'users',
  api: 'settings',
  id: 'integer',
  paged: 'offset',
  searched: ['email', 'firstName', 'lastName'],
  hasUpdatedSince: true,
  attributes: {
    uuid: { schema: uuid },
    email: {
      schema: Type.String({
        maxLength: 254,
        pattern: '^[^\\s@]+@[^\\s@]+$',
        description: 'Unique in the tenant, whatever its case.',
      }),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'jane.doe@example.com',
    },
    firstName: { schema: name(100), written: 'always', required: true, sorts: true, example: 'Jane' },
    lastName: { schema: name(100), written: 'always', required: true, sorts: true, example: 'Doe' },
    role: {
      schema: Role,
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'operator',
    },
    ...binding,
    isActive: {
      schema: Type.Boolean({
        description: 'Without it the user cannot sign in. True unless said otherwise.',
      }),
      written: 'always',
      filters: true,
      example: true,
    },
    isTechnician: {
      schema: Type.Boolean({
        description: 'Can be the technician of charging stations. False unless said otherwise.',
      }),
      written: 'always',
      filters: true,
      example: true,
    },
    hasPassword: {
      schema: Type.Boolean({ description: 'Without a password the user cannot sign in.' }),
      filters: true,
      exampleAtFirst: true,
      example: true,
    },
    password: {
      schema: orNull(
        Type.String({ minLength: 12, maxLength: 200 }),
        'Never shown. A new one ends the user’s sessions; null takes it away.',
      ),
      written: 'always',
      isSecret: true,
      example: 'correct horse battery',
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
