// What a station is told to connect with from now on: OCPP 1.6 security whitepaper, A01 (password) and A05 (profile).

import { isPasswordKey } from './configuration.ts';
import type { CommandEnd, RemoteCommand } from './remote_command.ts';
import { hashedStationPassword } from './station_access.ts';
import type { SecurityProfile } from './station_access.ts';

export type StationOffer = { readonly passwordHash: string } | { readonly securityProfile: SecurityProfile };

/** Answers what a command offers its station; undefined where it offers nothing. */
export function offerIn({
  command,
  parameters,
}: Pick<RemoteCommand, 'command' | 'parameters'>): StationOffer | undefined {
  if (command !== 'change_configuration') return undefined;
  const [key, value] = [String(parameters['key']), String(parameters['value'])];
  if (isPasswordKey(key)) return { passwordHash: hashedStationPassword(value) };
  if (key.toLowerCase() !== 'securityprofile' || !/^[0-3]$/.test(value)) return undefined;
  return { securityProfile: Number(value) as SecurityProfile };
}

/** Answers whether a station will not take what it was offered: it said so, or never heard of it. */
export function isDeclined(end: CommandEnd): boolean {
  if (end.kind === 'answered') return end.result !== 'Accepted' && end.result !== 'RebootRequired';
  return end.kind === 'refused' || end.kind === 'not_supported';
}

type Asked = Pick<RemoteCommand, 'command' | 'parameters'>;

/** Answers whether a command's parameters must not be stored. */
export const hasSecret = (asked: Asked): boolean => secretIn(asked) !== undefined;

/** Answers what of a command's parameters nobody may be shown. */
export function secretIn({ command, parameters }: Asked): string | undefined {
  if (command !== 'change_configuration' || !isPasswordKey(String(parameters['key']))) return undefined;
  return String(parameters['value']);
}
