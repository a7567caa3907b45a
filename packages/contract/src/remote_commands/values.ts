// What the parameters of many remote commands are: connectors, ids, words. Lengths and ranges are those of OCPP 1.6 §7.

import { Type } from 'typebox';

const described = (description?: string) => (description === undefined ? {} : { description });

/** OCPP's number of a connector. No station has more than 999. */
export const connectorNumber = (description?: string) =>
  Type.Integer({ minimum: 1, maximum: 999, ...described(description) });

/** As `connectorNumber`; 0 is the station as a whole. */
export const connectorNumberOrStation = (description = '0: the station as a whole.') =>
  Type.Integer({ minimum: 0, maximum: 999, description });

/** A driver token as OCPP 1.6 takes it: printable ASCII, without regard to case. */
export const idTag = (description?: string) =>
  Type.String({ pattern: '^[!-~]([ -~]{0,18}[!-~])?$', maxLength: 20, ...described(description) });

/** An id that somebody chose: any integer of 32 bits. */
export const chosenId = (description?: string) =>
  Type.Integer({ minimum: -2_147_483_648, maximum: 2_147_483_647, ...described(description) });

export const count = (description?: string) =>
  Type.Integer({ minimum: 0, maximum: 2_147_483_647, ...described(description) });

export const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...described(description) });

export const instant = (description?: string) =>
  Type.String({ format: 'date-time', ...described(description) });

export const oneOf = <Word extends string>(words: readonly Word[], description?: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    described(description),
  );

/** Where a station fetches or leaves a file. */
export const url = (maxLength: number, description?: string) =>
  Type.String({ format: 'uri', maxLength, ...described(description) });

/** How often and after how many seconds a station tries a transfer again. */
export const retries = {
  retries: Type.Optional(count('How often the station tries again. Left out, it decides.')),
  retryInterval: Type.Optional(count('Seconds between attempts. Left out, the station decides.')),
};
