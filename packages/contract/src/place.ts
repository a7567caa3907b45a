// Where something stands: the members that charging stations and locations share.

import { Type } from 'typebox';
import type { Static } from 'typebox';
import { orNull } from './resource.ts';

const text = Type.String({ maxLength: 500 });

/** A postal address. What is not known is null. */
export const Address = Type.Object(
  {
    street: orNull(text),
    houseNumber: orNull(text),
    postalCode: orNull(text),
    city: orNull(text),
    state: orNull(text),
    country: orNull(Type.String({ format: 'country-code', description: 'ISO 3166-1 alpha-2, such as AT.' })),
  },
  { additionalProperties: false },
);
export type Address = Static<typeof Address>;

/** An address as it is written: what is left out is not known. */
export const WrittenAddress = Type.Partial(Address, { additionalProperties: false });

/** Degrees, WGS 84. */
export const Geolocation = Type.Object(
  {
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { additionalProperties: false },
);
export type Geolocation = Static<typeof Geolocation>;
