// Configuration keys read and changed, and what the vendor of a station agrees on beside OCPP (OCPP 1.6 §5.3, §5.6, §5.8).

import type { Payload } from '../frames.ts';
import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { textIn } from './members.ts';

export const handleGetConfiguration: CsmsCall = ({ key }, { memory: { configuration } }) => {
  const asked = Array.isArray(key) && key.length > 0 ? key.map(String) : configuration.names;
  const configurationKey: Payload[] = [];
  const unknownKey: string[] = [];
  for (const name of asked) {
    const known = configuration.find(name);
    if (known === undefined) unknownKey.push(name);
    else configurationKey.push(known);
  }
  return { payload: { configurationKey, ...(unknownKey.length > 0 && { unknownKey }) } };
};

export const handleChangeConfiguration: CsmsCall = (payload, station) => {
  const key = textIn(payload, 'key');
  const { configuration, charging } = station.memory;
  const status = configuration.change(key, textIn(payload, 'value'));
  if (status !== 'Accepted') return answered(status);
  switch (configuration.find(key)?.key) {
    case 'AuthorizationKey':
      return answered(status, () => station.reconnect());
    case 'HeartbeatInterval':
      return answered(status, () => station.startHeartbeat());
    case 'MeterValueSampleInterval':
      return answered(status, () => charging.sampleAnew());
    default:
      return answered(status);
  }
};

/** No vendor's own messages are known here. */
export const handleDataTransfer: CsmsCall = () => answered('UnknownVendorId');
