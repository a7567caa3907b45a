// What a remote command is in an OCPP version: its call, checked by the schema before anybody sends it, and what the
// station's answer means. Knows no connection.

import type { ValidateFunction } from 'ajv';
import { remoteCommands } from '@chargeyard/contract/remote_commands/index';
import type { OcppVersion } from '@chargeyard/contract/remote_commands/index';
import type { CommandOutcome, RemoteCommand, StationHabits } from '../../domain/index.ts';
import type { Command, CommandTable, Payload } from './command.ts';
import { rulesFor } from './leniency.ts';
import type { Leniency } from './leniency.ts';
import { repaired } from './repair.ts';
import type { SchemaCompiler } from './schema_validator.ts';
import { schemaViolation } from './schema_violation.ts';
import { inUtc } from './utc_instants.ts';

/** What the station's answer comes to. */
export type Understood = {
  readonly outcome: CommandOutcome;
  /** How the answer deviated from the specification, in short texts. */
  readonly deviations: readonly string[];
};

/** A command as a call. */
export type WordedCommand = {
  readonly action: string;
  readonly payload: Payload;
  /** Understands the payload of the call result, whatever it is. Never throws. */
  readonly understood: (answer: unknown, receivedAt: Date, habits: StationHabits) => Understood;
};

/**
 * Words a command for stations of one version. Never throws.
 *
 * @returns why that cannot be done, where the version has no such command, or not with these parameters
 */
export type WordCommand = (
  command: Pick<RemoteCommand, 'command' | 'parameters'>,
  now: Date,
) => WordedCommand | { readonly notSupported: string };

type Row = Omit<Command, 'request' | 'response'> & {
  readonly action: string;
  readonly parameters: object;
  readonly isRequest: ValidateFunction;
  readonly isResponse: ValidateFunction;
};

/** Compiles a version's table. */
export function createCommandWording(
  version: {
    readonly ocppVersion: OcppVersion;
    readonly commands: CommandTable;
    readonly leniency: Leniency;
  },
  compile: SchemaCompiler,
): WordCommand {
  const { ocppVersion, commands, leniency } = version;
  // A Map, not the object: a command named "constructor" must find nothing.
  const rows = new Map<string, Row>();
  for (const [name, { request, response, ...row }] of Object.entries(commands)) {
    const { actions = {}, parameters = {} } = remoteCommands[name] ?? {};
    const action = actions[ocppVersion];
    if (action === undefined) throw new Error(`the contract has no ${name} in OCPP ${ocppVersion}`);
    rows.set(name, {
      ...row,
      action,
      parameters,
      isRequest: compile(request),
      isResponse: compile(response),
    });
  }

  function understood(row: Row, answer: unknown, receivedAt: Date, habits: StationHabits): Understood {
    if (row.isResponse(answer)) return { outcome: answered(row, answer as Payload), deviations: [] };
    const { description } = schemaViolation(row.isResponse.errors ?? []);
    const { isStrict, timeZone = 'UTC' } = habits;
    const repair = isStrict
      ? undefined
      : repaired(answer, row.isResponse, {
          action: row.action,
          rules: rulesFor(leniency, habits),
          receivedAt,
          timeZone,
          leavesOut: true,
        });
    if (repair === undefined) {
      return { outcome: notUnderstood(description), deviations: [`the answer: ${description}`] };
    }
    return { outcome: answered(row, repair.payload as Payload), deviations: repair.deviations };
  }

  return ({ command, parameters }, now) => {
    const row = rows.get(command);
    if (row === undefined) return { notSupported: `OCPP ${ocppVersion} has no ${command}.` };
    const utc = inUtc(row.parameters, parameters) as Payload;
    const payload = row.payloadOf === undefined ? utc : row.payloadOf(utc, now);
    if (!row.isRequest(payload)) {
      const { description } = schemaViolation(row.isRequest.errors ?? []);
      return { notSupported: `${row.action} of OCPP ${ocppVersion} cannot be sent so: ${description}.` };
    }
    return {
      action: row.action,
      payload,
      understood: (answer, receivedAt, habits) => understood(row, answer, receivedAt, habits),
    };
  };
}

/** The outcome of an answer that says nothing, told like a call error of the station. */
export function notUnderstood(description: string): CommandOutcome {
  return {
    kind: 'refused',
    code: 'FormationViolation',
    description: `The station's answer is not understood: ${description}`,
    details: {},
  };
}

function answered({ result, responseOf }: Row, answer: Payload): CommandOutcome {
  const word = result === null ? undefined : answer[result];
  return {
    kind: 'answered',
    result: typeof word === 'string' ? word : null,
    response: responseOf === undefined ? answer : responseOf(answer),
  };
}
