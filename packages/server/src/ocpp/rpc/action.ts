// One OCPP action that stations call: a row of a version's table.

import type {
  CertificateAnswer,
  DriverAuthorization,
  FactResult,
  StationFact,
  StationHabits,
  StationReference,
  TransactionStarted,
  TransactionStopped,
} from '../../domain/index.ts';
import type { BootAdmission } from '../boot_admission.ts';
import type { RpcError } from './errors.ts';

/** What a handler may know besides the payload. */
export type CallContext = {
  readonly station: StationReference;
  readonly receivedAt: Date;
  /** Tells what a station that boots now is to do. */
  readonly admitBoot: () => BootAdmission;
  /** Asks whether a driver may charge. @throws {Unavailable} */
  readonly authorizationOf: (driverToken: string) => Promise<DriverAuthorization>;
  /** Has a certificate signing request (PEM) of the station signed, if it may be. Never rejects. */
  readonly certify: (csr: string) => Promise<CertificateAnswer>;
  readonly habits: StationHabits;
};

/**
 * What a call leads to. The facts are made durable before the response is sent (acknowledge after commit), in this
 * order; handlers answer values and store nothing themselves, so none can acknowledge too early. A refusal becomes
 * a call error; nothing is stored.
 */
export type Outcome<Response> =
  | { readonly facts: readonly StationFact[]; readonly response: Response }
  | AnsweredAfterCommit<TransactionStarted, Response>
  | AnsweredAfterCommit<TransactionStopped, Response>
  | { readonly refusal: RpcError };

/** The response depends on what became of the first fact. */
type AnsweredAfterCommit<Fact extends StationFact, Response> = {
  readonly facts: readonly [Fact, ...StationFact[]];
  readonly responseTo: (result: FactResult<Fact>) => Response;
};

/** Handles a call whose payload has passed the request schema. */
export type Handler<Request, Response> = (
  payload: Request,
  context: CallContext,
) => Outcome<Response> | Promise<Outcome<Response>>;

/**
 * One row: the two JSON schemas of the specification and the handler. `repeats: 'handled'` where a repeated call is
 * handled again, because its answer tells the time, or because what was true in between would be lost.
 */
export type Action = {
  readonly request: object;
  readonly response: object;
  readonly handle: Handler<unknown, unknown>;
  readonly repeats?: 'handled';
};

/** Makes a row of a handler that knows its payload's type. */
export function action<Request, Response>(row: {
  readonly request: object;
  readonly response: object;
  readonly handle: Handler<Request, Response>;
  readonly repeats?: 'handled';
}): Action {
  return {
    ...row,
    // The request schema stands between the wire and the handler: what passed it is a Request.
    handle: (payload, context) => row.handle(payload as Request, context),
  };
}
