// The log: structured lines on standard error, so that standard output stays with what a verb prints. A person at a
// terminal gets short readable lines.

import { pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';

/** Fields that may hold a secret, wherever they stand up to two levels deep. */
const secretFields = [
  'authorization',
  'cookie',
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'client_secret',
  'clientSecret',
  'secretHash',
  'access_token',
];

/**
 * Makes the process's log.
 *
 * @param level      the least level that is logged
 * @param toTerminal whether a person watches: coloured lines instead of JSON
 * @param node       the name of the process, on every line where the server has several
 */
export function createLog({
  level,
  toTerminal,
  node,
}: {
  level: string;
  toTerminal: boolean;
  node?: string;
}): Logger {
  const settings = {
    level,
    base: node === undefined ? null : { node },
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[secret]',
    },
  };
  if (toTerminal)
    return pino(settings, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss' }));
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino(
    { ...settings, formatters, timestamp: stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
}
