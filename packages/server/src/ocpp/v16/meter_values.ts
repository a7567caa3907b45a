// MeterValues, OCPP 1.6 §4.7, and the same values in StopTransaction.

import { normalisedSample } from '../../domain/index.ts';
import type { MeterRead, SentSample } from '../../domain/index.ts';
import type { CallContext, Outcome } from '../rpc/action.ts';
import { outOfRange } from './ranges.ts';

export type MeterValue = { readonly timestamp: string; readonly sampledValue: readonly SentSample[] };

export type MeterValuesRequest = {
  readonly connectorId: number;
  readonly transactionId?: number;
  readonly meterValue: readonly MeterValue[];
};

export type MeterValuesResponse = Readonly<Record<string, never>>;

export function handleMeterValues(
  payload: MeterValuesRequest,
  context: CallContext,
): Outcome<MeterValuesResponse> {
  const { connectorId, transactionId } = payload;
  const refusal = outOfRange({ connectorId });
  if (refusal !== undefined) return { refusal };
  // Some stations send the largest integer where there is none, and repeat what is refused for ever.
  const reportedId = Number.isSafeInteger(transactionId) ? transactionId : undefined;
  const of = { connectorNumber: connectorId, reportedId };
  return { facts: meterReads(payload.meterValue, of, context), response: {} };
}

/** Answers the facts of MeterValue elements (§7.35), one each. */
export function meterReads(
  meterValues: readonly MeterValue[],
  of: Pick<MeterRead, 'connectorNumber' | 'reportedId'>,
  { station, receivedAt }: CallContext,
): MeterRead[] {
  return meterValues.map(({ timestamp, sampledValue }) => ({
    ...station,
    kind: 'meter_read',
    ...of,
    measuredAt: new Date(timestamp),
    receivedAt,
    samples: sampledValue.map(normalisedSample),
  }));
}
