// api_clients: who fetches access tokens for the CPO API, at the settings API. The id is the client id.

import { Type } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';
import { allRights, scopes } from '../scopes.ts';
import { binding } from './users.ts';
import { instant, name } from '../values.ts';

export const apiClients = {
  type: 'api_clients',
  api: 'settings',
  id: 'text',
  paged: 'offset',
  searched: ['name'],
  hasUpdatedSince: true,
  attributes: {
    name: {
      schema: name(200),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Billing',
    },
    scopes: {
      schema: Type.Array(Type.Union(scopes.map((scope) => Type.Literal(scope))), {
        minItems: 1,
        uniqueItems: true,
        description: 'What it may do at the CPO API; without it at creation, everything.',
      }),
      written: 'always',
      example: [allRights],
    },
    ...binding,
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  shownOnce: {
    clientSecret: {
      schema: Type.String({ description: 'The client secret, shown now and never again.' }),
      example: 'CLIENT_SECRET',
    },
  },
} as const satisfies ResourceDeclaration;
