// companies: the tenant's legal bodies (be.ENERGISED: entities), a tree. Where companyUuid comes from.

import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, name, uuid } from '../values.ts';

export const companies = {
  type: 'companies',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    name: {
      schema: name(200),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Example Energy',
    },
    parentUuid: {
      schema: orNull(uuid, 'The company above it.'),
      written: 'at_creation',
      filters: true,
      refersTo: 'companies',
      tellsOwner: true,
      example: null,
    },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  relationships: { parent: { toOne: 'companies', by: 'parentUuid' } },
  searched: ['name'],
  hasUpdatedSince: true,
} as const satisfies ResourceDeclaration;
