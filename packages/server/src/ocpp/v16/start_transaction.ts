// StartTransaction, OCPP 1.6 §4.8. It is kept whatever we say of the driver: the energy flows already.

import type { FactResult, TransactionStarted } from '../../domain/index.ts';
import type { CallContext, Outcome } from '../rpc/action.ts';
import { idTagInfoOf } from './id_tag_info.ts';
import type { IdTagInfo } from './id_tag_info.ts';
import { outOfRange } from './ranges.ts';

export type StartTransactionRequest = {
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStart: number;
  readonly reservationId?: number;
  readonly timestamp: string;
};

export type StartTransactionResponse = { readonly transactionId: number; readonly idTagInfo: IdTagInfo };

export function handleStartTransaction(
  payload: StartTransactionRequest,
  context: CallContext,
): Outcome<StartTransactionResponse> {
  const refusal = outOfRange(payload);
  if (refusal !== undefined) return { refusal };
  return {
    facts: [
      {
        ...context.station,
        kind: 'transaction_started',
        connectorNumber: payload.connectorId,
        driverToken: payload.idTag,
        meterStartWh: payload.meterStart,
        reservationId: payload.reservationId,
        startedAt: new Date(payload.timestamp),
        receivedAt: context.receivedAt,
      },
    ],
    responseTo: ({ transactionId, authorization }: FactResult<TransactionStarted>) => ({
      transactionId,
      idTagInfo: idTagInfoOf(authorization),
    }),
  };
}
