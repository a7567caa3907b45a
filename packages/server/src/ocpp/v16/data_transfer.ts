// DataTransfer from stations, OCPP 1.6 §4.3: what vendors have agreed on beside the specification, by a table of theirs.

import type { CallContext, Handler, Outcome } from '../rpc/action.ts';

export type DataTransferRequest = {
  readonly vendorId: string;
  readonly messageId?: string;
  readonly data?: string;
};

export type DataTransferResponse = {
  readonly status: 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId';
  readonly data?: string;
};

/** Handlers by messageId; '' is the one for messages without. */
type MessagesOfVendor = ReadonlyMap<string, Handler<string | undefined, DataTransferResponse>>;

/** Makes the handler for what the vendors of a table, by vendorId, send. */
export function dataTransferHandler(vendors: ReadonlyMap<string, MessagesOfVendor>) {
  return (
    { vendorId, messageId = '', data }: DataTransferRequest,
    context: CallContext,
  ): Outcome<DataTransferResponse> | Promise<Outcome<DataTransferResponse>> => {
    const messages = vendors.get(vendorId);
    if (messages === undefined) return { facts: [], response: { status: 'UnknownVendorId' } };
    const handle = messages.get(messageId);
    if (handle === undefined) return { facts: [], response: { status: 'UnknownMessageId' } };
    return handle(data, context);
  };
}

/** The vendors whose messages we know: none yet. */
export const handleDataTransfer = dataTransferHandler(new Map());
