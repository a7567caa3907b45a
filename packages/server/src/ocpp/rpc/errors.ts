// The errors of OCPP-J and the translation of everything that can go wrong inside into one of them.
// OCPP 1.6J §4.2.3, table 7; other rooms' errors never leave with their own words.

import { Unavailable } from '../../domain/index.ts';

// "Formation" and "Occurence" are the specification's own spellings. The 1.6J errata sheet v1.0 lists both under
// §5 "known issues that will not be fixed": stations that know the table expect exactly these.
const rpcErrorCodes = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormationViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
] as const;
export type RpcErrorCode = (typeof rpcErrorCodes)[number];

/** Why a call was not handled. The description is for the person who reads the station's log and leaves the process. */
export type RpcError = { readonly code: RpcErrorCode; readonly description: string };

/** Makes an error for a call. The description is cut to 255 characters, OCPP 2.0.1's limit (1.6 sets none). */
export function rpcError(code: RpcErrorCode, description: string): RpcError {
  return { code, description: description.length <= 255 ? description : `${description.slice(0, 254)}…` };
}

/**
 * Translates what a handler or the store threw. Never shows the error's own message: it may speak of tables,
 * hosts or other stations.
 */
export function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof Unavailable) {
    return rpcError('InternalError', 'This cannot be stored at the moment. Please send it again later.');
  }
  return rpcError('InternalError', 'This call could not be handled because of a fault in the CPO back end.');
}
