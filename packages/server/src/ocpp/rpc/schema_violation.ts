// What a failed schema check means in OCPP-J's words (1.6J §4.2.3, table 7).

import type { ErrorObject } from 'ajv';
import { rpcError } from './errors.ts';
import type { RpcError, RpcErrorCode } from './errors.ts';

// "violates data type constraints" | "violates occurence constraints" | "contains an invalid value". What is not
// listed, `additionalProperties` above all, is "not conform the PDU structure for Action": FormationViolation.
const codeOfKeyword: ReadonlyMap<string, RpcErrorCode> = new Map([
  ['type', 'TypeConstraintViolation'],
  ['required', 'OccurenceConstraintViolation'],
  ['minItems', 'OccurenceConstraintViolation'],
  ['maxItems', 'OccurenceConstraintViolation'],
  ['enum', 'PropertyConstraintViolation'],
  ['format', 'PropertyConstraintViolation'],
  ['pattern', 'PropertyConstraintViolation'],
  ['minLength', 'PropertyConstraintViolation'],
  ['maxLength', 'PropertyConstraintViolation'],
  ['minimum', 'PropertyConstraintViolation'],
  ['maximum', 'PropertyConstraintViolation'],
  ['exclusiveMinimum', 'PropertyConstraintViolation'],
  ['exclusiveMaximum', 'PropertyConstraintViolation'],
  ['multipleOf', 'PropertyConstraintViolation'],
]);

const namedViolations = 3;

/**
 * Translates the errors of one schema check.
 *
 * @param errors as ajv reports them with `allErrors`, at least one; the first decides the code
 * @returns the code, and a description that names up to three places and what is wrong there
 */
export function schemaViolation(errors: readonly ErrorObject[]): RpcError {
  const [first] = errors;
  const sentences = errors.slice(0, namedViolations).map(sentence);
  if (errors.length > namedViolations) sentences.push(`and ${errors.length - namedViolations} more`);
  return rpcError(first === undefined ? 'FormationViolation' : codeOf(first), sentences.join('; '));
}

function codeOf(error: ErrorObject): RpcErrorCode {
  // A payload that is no object at all has no field that could be of a wrong type.
  if (error.keyword === 'type' && error.instancePath === '') return 'FormationViolation';
  return codeOfKeyword.get(error.keyword) ?? 'FormationViolation';
}

function sentence(error: ErrorObject): string {
  const place = error.instancePath === '' ? 'payload' : error.instancePath.slice(1).slice(0, 100);
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'required':
      return `${place} lacks "${String(params['missingProperty'])}"`;
    case 'additionalProperties':
      return `${place} has an unknown property "${String(params['additionalProperty']).slice(0, 50)}"`;
    case 'enum':
      return `${place} must be one of ${list(params['allowedValues'])}`;
    case 'format':
      return `${place} must be a valid ${String(params['format'])}`;
    default:
      return `${place} ${error.message ?? 'is not valid'}`;
  }
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : 'the allowed values';
}
