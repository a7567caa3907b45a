// StopTransaction, OCPP 1.6 §4.10. It cannot be refused: what is over is over.

import type { FactResult, TransactionStopped } from '../../domain/index.ts';
import type { CallContext, Outcome } from '../rpc/action.ts';
import { idTagInfoOf } from './id_tag_info.ts';
import type { IdTagInfo } from './id_tag_info.ts';
import { meterReads } from './meter_values.ts';
import type { MeterValue } from './meter_values.ts';
import { outOfRange } from './ranges.ts';

export type StopTransactionRequest = {
  readonly transactionId: number;
  readonly idTag?: string;
  readonly meterStop: number;
  readonly timestamp: string;
  readonly reason?: string;
  readonly transactionData?: readonly MeterValue[];
};

export type StopTransactionResponse = { readonly idTagInfo?: IdTagInfo };

export function handleStopTransaction(
  payload: StopTransactionRequest,
  context: CallContext,
): Outcome<StopTransactionResponse> {
  const { transactionId, meterStop } = payload;
  const refusal = outOfRange({ meterStop });
  if (refusal !== undefined) return { refusal };
  // The largest integer stands for none with some stations, as -1 does with others.
  const reportedId = Number.isSafeInteger(transactionId) ? transactionId : -1;
  const of = { connectorNumber: undefined, reportedId };
  return {
    facts: [
      {
        ...context.station,
        kind: 'transaction_stopped',
        reportedId,
        driverToken: payload.idTag,
        meterStopWh: meterStop,
        // StopTransaction.req: "MAY be omitted when the Reason is Local".
        reason: payload.reason ?? 'Local',
        stoppedAt: new Date(payload.timestamp),
        receivedAt: context.receivedAt,
      },
      ...meterReads(payload.transactionData ?? [], of, context),
    ],
    responseTo: (authorization: FactResult<TransactionStopped>) =>
      authorization === undefined ? {} : { idTagInfo: idTagInfoOf(authorization) },
  };
}
