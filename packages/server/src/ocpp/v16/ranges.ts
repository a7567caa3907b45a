// Where the schemas say only "integer": what is beyond these numbers is no connector, meter or id.

import { rpcError } from '../rpc/errors.ts';
import type { RpcError } from '../rpc/errors.ts';

// Connectors are numbered from 1 without gaps (OCPP 1.6 §2.2), so this is far above any real station, and a faulty one
// cannot fill the table. 0 is the station as a whole.
const highestConnectorNumber = 999;

const wholeNumbers = ['meterStart', 'meterStop', 'reservationId'] as const;

type Numbers = { readonly connectorId?: number } & {
  readonly [Name in (typeof wholeNumbers)[number]]?: number;
};

/** @returns the refusal of a payload that has a number out of range */
export function outOfRange(payload: Numbers): RpcError | undefined {
  const { connectorId = 0 } = payload;
  if (connectorId < 0 || connectorId > highestConnectorNumber) {
    return rpcError('PropertyConstraintViolation', `connectorId must be from 0 to ${highestConnectorNumber}`);
  }
  const name = wholeNumbers.find((each) => !Number.isSafeInteger(payload[each] ?? 0));
  return name && rpcError('PropertyConstraintViolation', `${name} must be a number of at most 15 digits`);
}
