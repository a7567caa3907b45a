// How a remote command is declared: what it takes, which OCPP action it is in each version, what a station may answer.

import { Type } from 'typebox';
import type { TObject } from 'typebox';

export type CommandDeclaration = {
  /** One line, for the documentation and for people who choose one. */
  readonly summary: string;
  /** The OCPP action by version; a version without it is not there. */
  readonly actions: Readonly<Partial<Record<OcppVersion, string>>>;
  readonly parameters: TObject;
  readonly example: Readonly<Record<string, unknown>>;
  /** What the status words of the station's answer mean; empty where the answer has none. */
  readonly results: Readonly<Record<string, string>>;
};

export type OcppVersion = '1.6';

/** Answers the schema of a command's parameters: what is not named is a mistake, and not ignored. */
export function parametersOf(properties: Parameters<typeof Type.Object>[0]): TObject {
  return Type.Object(properties, { additionalProperties: false });
}

export const acceptedOrRejected = {
  Accepted: 'The station does it.',
  Rejected: 'The station does not do it.',
} as const;
