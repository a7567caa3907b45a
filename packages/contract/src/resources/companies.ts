// companies: the tenant's legal bodies (be.ENERGISED: entities), a tree. Where companyUuid comes from.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { AttributesOf, ResourceDeclaration } from '../resource.ts';

const instant = Type.String({ format: 'date-time' });

export const companies = {
  type: 'companies',
  id: 'uuid',
  paged: 'offset',
  attributes: {
    name: {
      schema: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'Example Energy',
    },
    parentUuid: {
      schema: orNull(Type.String({ format: 'uuid' }), 'The company above it.'),
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

export type CompanyAttributes = AttributesOf<typeof companies>;
