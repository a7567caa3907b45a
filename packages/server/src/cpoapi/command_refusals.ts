// What a synchronous command answers that has no answer of the station: api_decisions in short, 503 where the station is
// not connected, 504 where it does not answer, 502 where it answers with an error.

import type { ErrorCode } from '@chargeyard/contract/error_codes';
import { refused } from '../json_api/index.ts';
import { remoteCommandFields } from '../store/index.ts';
import type { RemoteCommandField, Row } from '../store/index.ts';

type CommandError = { readonly code: string; readonly description: string; readonly details: unknown };

const ofOurs = [
  'station_not_connected',
  'station_timeout',
  'station_connection_lost',
  'not_supported_by_version',
] as const satisfies readonly ErrorCode[];

/**
 * Answers the refusal for a command that has not been answered; undefined where it has.
 *
 * @param url where the command is read
 */
export function refusalOf(row: Row, url: string) {
  const textOf = (field: RemoteCommandField) => row[remoteCommandFields.indexOf(field)] ?? undefined;
  const state = textOf('state');
  if (state === 'finished') return undefined;
  const about = { about: url, headers: { location: url } };
  const error = textOf('error');
  if (error === undefined) {
    // Nobody could write its end.
    return refused('station_timeout', 'It is not known yet what became of the command.', about);
  }
  const { code, description, details } = JSON.parse(error) as CommandError;
  const own = ofOurs.find((each) => each === code);
  if (own !== undefined) return refused(own, description, about);
  return refused('station_error', `The charging station answered ${code}${said(description)}`, {
    ...about,
    meta: { code, description, details },
  });
}

const said = (description: string) => (description === '' ? '.' : `: ${description}`);
