// What stations tell of their configuration keys, when they are asked for them and when they are told to change one.

import type { CommandEnd, RemoteCommand } from './remote_command.ts';

export type ToldConfiguration = {
  /** In the order in which they were told; of one that was told twice, the last counts. */
  readonly keys: readonly ConfigurationKey[];
  /** Keys that the station does not have. */
  readonly unknownKeys: readonly string[];
  /** All that the station has: keys that it did not tell are gone. */
  readonly isComplete: boolean;
};

export type ConfigurationKey = {
  readonly key: string;
  readonly value: string | undefined;
  readonly isReadonly: boolean;
  /** It counts from the next start of the station on. */
  readonly needsReboot: boolean;
};

/** How the answer to `get_configuration` is told, whatever the version of OCPP. */
export type ConfigurationResponse = {
  readonly configurationKeys: readonly {
    readonly key: string;
    readonly readonly: boolean;
    readonly value: string | null;
  }[];
  readonly unknownKeys: readonly string[];
};

/** The password of HTTP Basic (OCPP 1.6 Security Whitepaper §4.1): nobody is shown it. */
export const passwordKey = 'AuthorizationKey';

/** A station may take it for the same with spaces around it. */
export const isPasswordKey = (key: string) => key.trim().toLowerCase() === passwordKey.toLowerCase();

/** Answers what a station's answer tells of its configuration; undefined where it tells nothing. */
export function configurationTold(
  { command, parameters }: Pick<RemoteCommand, 'command' | 'parameters'>,
  end: CommandEnd,
): ToldConfiguration | undefined {
  if (end.kind !== 'answered') return undefined;
  if (command === 'get_configuration') {
    const { configurationKeys, unknownKeys } = end.response as ConfigurationResponse;
    return {
      keys: configurationKeys.map(({ key, readonly, value }) => ({
        key,
        value: isPasswordKey(key) ? undefined : (value ?? undefined),
        isReadonly: readonly,
        needsReboot: false,
      })),
      unknownKeys,
      isComplete: namedKeys(parameters) === 0 && unknownKeys.length === 0,
    };
  }
  if (command !== 'change_configuration') return undefined;
  const [key, value] = [String(parameters['key']), String(parameters['value'])];
  const nothing = { keys: [], unknownKeys: [], isComplete: false };
  if (end.result === 'NotSupported') return { ...nothing, unknownKeys: [key] };
  if (end.result !== 'Accepted' && end.result !== 'RebootRequired') return undefined;
  const told = isPasswordKey(key) ? undefined : value;
  return {
    ...nothing,
    keys: [{ key, value: told, isReadonly: false, needsReboot: end.result === 'RebootRequired' }],
  };
}

const namedKeys = ({ keys, key }: RemoteCommand['parameters']) =>
  [keys, key].flat().filter((each) => each !== undefined).length;
