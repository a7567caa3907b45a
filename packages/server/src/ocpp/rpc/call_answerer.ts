// What happens to one call: find the row, check the payload, repair it where that is safe, handle, check our own response,
// make the facts durable, and only then let the answer go.

import type { ValidateFunction } from 'ajv';
import type { Logger } from 'pino';
import { Unavailable } from '../../domain/index.ts';
import type { FactResult, StationFact } from '../../domain/index.ts';
import type { Action, CallContext, Outcome } from './action.ts';
import { rpcError, rpcErrorOf } from './errors.ts';
import type { RpcError } from './errors.ts';
import type { Call } from './frames.ts';
import { rulesFor } from './leniency.ts';
import type { Leniency } from './leniency.ts';
import type { RecordedAnswers } from './recorded_answers.ts';
import { repaired } from './repair.ts';
import { schemaViolation } from './schema_violation.ts';
import type { SchemaCompiler } from './schema_validator.ts';

/** The actions of one OCPP version. */
export type ActionTable = {
  /** All actions of the version, whoever calls them. */
  readonly known: ReadonlySet<string>;
  /** The rows of those that we handle, by action. */
  readonly handled: Readonly<Record<string, Action>>;
  /** How what is beside the specification is understood. */
  readonly leniency: Leniency;
};

export type Answer = ({ readonly payload: unknown } | { readonly error: RpcError }) & {
  /** How the call deviated from the specification and was taken all the same, in short texts. */
  readonly deviations: readonly string[];
};

/**
 * Makes facts durable, in order, and answers what became of each; undefined if the connection is no longer the station's
 * and nothing was kept. Its rejection becomes the call error InternalError.
 */
export type KeepFacts = (
  facts: readonly StationFact[],
) => Promise<readonly FactResult<StationFact>[] | undefined>;

/**
 * Answers one call.
 *
 * @returns the payload of the call result, or the error of the call error; never rejects
 */
export type AnswerCall = (call: Call, context: CallContext, keep: KeepFacts) => Promise<Answer>;

type Row = {
  readonly isRequest: ValidateFunction;
  readonly isResponse: ValidateFunction;
  readonly handle: Action['handle'];
  readonly isHandledAgain: boolean;
};

const superseded = rpcError('GenericError', 'This charging station has a newer connection.');

/** Compiles a version's table to the function that answers its calls. */
export function createCallAnswerer(
  table: ActionTable,
  compile: SchemaCompiler,
  recordedAnswers: RecordedAnswers,
  log: Logger,
): AnswerCall {
  // A Map, not the object: an action named "constructor" or "__proto__" must find nothing.
  const rows = new Map<string, Row>();
  for (const [name, { request, response, handle, repeats }] of Object.entries(table.handled)) {
    const isHandledAgain = repeats === 'handled';
    rows.set(name, { isRequest: compile(request), isResponse: compile(response), handle, isHandledAgain });
  }

  function understood({ action, payload, deviations }: Call, row: Row, context: CallContext): Understood {
    if (row.isRequest(payload)) return { payload, deviations };
    // What the repair checks again replaces these.
    const errors = row.isRequest.errors ?? [];
    const { isStrict, timeZone = 'UTC' } = context.habits;
    if (isStrict) return { error: schemaViolation(errors), deviations };
    const rules = rulesFor(table.leniency, context.habits);
    const { receivedAt } = context;
    const repair = repaired(payload, row.isRequest, { action, rules, receivedAt, timeZone });
    if (repair === undefined) return { error: schemaViolation(errors), deviations };
    return { payload: repair.payload, deviations: [...deviations, ...repair.deviations] };
  }

  async function handled(call: Call, row: Row, context: CallContext, keep: KeepFacts): Promise<Answer> {
    let { deviations } = call;
    try {
      const request = understood(call, row, context);
      if ('error' in request) return request;
      deviations = request.deviations;
      const outcome = await row.handle(request.payload, context);
      if ('refusal' in outcome) return { error: outcome.refusal, deviations };
      const results = await keep(outcome.facts);
      if (results === undefined) return { error: superseded, deviations };
      const payload = responseOf(outcome, results);
      if (!row.isResponse(payload)) {
        throw new Error(
          `our response is not valid: ${schemaViolation(row.isResponse.errors ?? []).description}`,
        );
      }
      return { payload, deviations };
    } catch (error) {
      const { connectionId, chargingStationId } = context.station;
      const about = { action: call.action, connectionId, chargingStationId };
      // While the database is away every call of every station ends here; the store tells why, once.
      if (error instanceof Unavailable) log.warn(about, 'a call could not be stored');
      else log.error({ ...about, err: error }, 'a call could not be handled');
      return { error: rpcErrorOf(error), deviations };
    }
  }

  return async (call, context, keep) => {
    const row = rows.get(call.action);
    if (row === undefined) return { error: unhandled(call.action, table.known), deviations: call.deviations };
    return await recordedAnswers.answer(call, context, row.isHandledAgain, () =>
      handled(call, row, context, keep),
    );
  };
}

function responseOf(
  outcome: Exclude<Outcome<unknown>, { readonly refusal: RpcError }>,
  results: readonly FactResult<StationFact>[],
): unknown {
  if ('response' in outcome) return outcome.response;
  // Results stand in the order of their facts, so the first is the first fact's.
  const responseTo = outcome.responseTo as (result: FactResult<StationFact>) => unknown;
  return responseTo(results[0]);
}

type Understood = ({ readonly payload: unknown } | { readonly error: RpcError }) & Pick<Answer, 'deviations'>;

// Table 7: NotImplemented is "not known", NotSupported "recognized but not supported". So a station that sends what
// only we may send (Reset, …) is told NotSupported as well.
function unhandled(action: string, known: ReadonlySet<string>): RpcError {
  if (known.has(action)) return rpcError('NotSupported', `${action} from a station is not supported.`);
  return rpcError('NotImplemented', `There is no action "${action.slice(0, 50)}" in this version of OCPP.`);
}
