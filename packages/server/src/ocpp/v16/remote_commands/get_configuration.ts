// GetConfiguration (OCPP 1.6 §5.8), asked and answered in the CPO API's words.

import { isPasswordKey } from '../../../domain/index.ts';
import type { Payload } from '../../rpc/command.ts';

type GetConfigurationResponse = {
  readonly configurationKey?: readonly {
    readonly key: string;
    readonly readonly: boolean;
    readonly value?: string;
  }[];
  readonly unknownKey?: readonly string[];
};

/** Both names of the list are taken; without keys all are asked for. */
export function configurationRequest({ keys, key, ...others }: Payload): Payload {
  const asked = [keys, key].flat().filter((each) => each !== undefined);
  return asked.length === 0 ? others : { ...others, key: [...new Set(asked)] };
}

/** A value that the station does not tell is null, and so is a password that it should not tell (AuthorizationKey). */
export function configurationResponse(answer: Payload): Payload {
  const { configurationKey = [], unknownKey = [] } = answer as GetConfigurationResponse;
  return {
    configurationKeys: configurationKey.map(({ key, readonly, value = null }) => ({
      key,
      readonly,
      value: isPasswordKey(key) ? null : value,
    })),
    unknownKeys: unknownKey,
  };
}
