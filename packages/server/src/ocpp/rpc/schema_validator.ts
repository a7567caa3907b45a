// The JSON Schema validator for OCPP's schemas. One per gateway: compiled checks are kept by it.

import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

// Decimals: charging rates are multiples of 0.1, which 16.1 / 0.1 is not quite in binary.
const multipleOfPrecision = 6;

/** Compiles a schema of the specification to a check. */
export type SchemaCompiler = (schema: object) => ValidateFunction;

/** Makes a compiler whose checks report all faults at once, each with the schema that it breaks. */
export function createSchemaCompiler(): SchemaCompiler {
  // Of the formats, OCPP 1.6's schemas use date-time and uri.
  const rfc = addFormats.default(new Ajv(), ['date-time']);
  const isDateTime = rfc.compile({ type: 'string', format: 'date-time' });
  const firstInstant = Date.parse('0001-01-01T00:00:00Z');
  // RFC 3339 alone is not enough: leap seconds and the year 0 pass it, but are no instant of Date or of PostgreSQL,
  // and a value that the database refuses would spoil the commit of every station it is grouped with.
  const isInstant = (text: string) => isDateTime(text) && Date.parse(text) >= firstInstant;

  const options = { allErrors: true, verbose: true, strictSchema: false, multipleOfPrecision };
  const ajv = addFormats.default(new Ajv(options), ['uri']);
  ajv.addFormat('date-time', isInstant);
  // Without "$id": the OCA's "urn:BootNotification.req" is no URN of RFC 8141, and ajv's URI parser throws at it.
  return (schema) =>
    ajv.compile(Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$id')));
}
