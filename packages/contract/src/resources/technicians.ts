// technicians: where the technicianUserId of a charging station comes from. Rows are flat, as documented: no resource
// objects, and the id is a number.

import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { ResourceDeclaration } from '../resource.ts';
import { uuid } from '../values.ts';

export const technicians = {
  type: 'technicians',
  id: 'integer',
  paged: 'offset',
  attributes: {},
} as const satisfies ResourceDeclaration;

export const Technician = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: 'The technicianUserId of a charging station.' }),
    uuid,
    name: Type.String({ description: 'First and last name.' }),
    email: Type.String(),
  },
  { additionalProperties: false },
);
export type Technician = Static<typeof Technician>;

export const exampleTechnician: Technician = {
  id: 1,
  uuid: '550e8400-e29b-41d4-a716-446655440000',
  name: 'John Doe',
  email: 'john.doe@example.com',
};

export const TechnicianPage = Type.Object(
  {
    data: Type.Array(Technician),
    meta: Type.Object(
      {
        pagination: Type.Object(
          {
            total: Type.Integer({ minimum: 0 }),
            limit: Type.Integer({ minimum: 1, maximum: 500 }),
            offset: Type.Integer({ minimum: 0 }),
            lastPage: Type.Boolean(),
          },
          { additionalProperties: false },
        ),
      },
      { additionalProperties: false },
    ),
    links: Type.Object(
      {
        current: Type.String(),
        next: Type.Optional(Type.String()),
        prev: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
