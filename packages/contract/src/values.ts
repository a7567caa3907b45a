// What the values of many resources are: ids, instants, names.

import { Type } from 'typebox';
import { orNull } from './resource.ts';

export const uuid = Type.String({ format: 'uuid' });
/** An id that is counted per tenant. */
export const number = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
export const instant = Type.String({ format: 'date-time' });
export const timeZone = orNull(
  Type.String({ format: 'time-zone' }),
  'IANA time zone, such as Europe/Berlin.',
);

/** A text in which there is something to read. */
export const name = (maxLength: number, description?: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '\\S',
    ...(description === undefined ? {} : { description }),
  });

/**
 * What a station knows a driver by: OCPP 1.6 CiString, printable ASCII, without regard to case. 255 is OCPP 2.1's length,
 * the longest of all versions.
 */
export const driverTokenCode = (description?: string) =>
  Type.String({
    pattern: '^[!-~]([ -~]{0,253}[!-~])?$',
    ...(description === undefined ? {} : { description }),
  });
