// What the central system wants to be told now (OCPP 1.6 §5.17 Trigger Message).

import type { Payload } from '../frames.ts';
import { answered } from './csms_call.ts';
import type { CalledStation, CsmsCall, CsmsCallAnswer } from './csms_call.ts';
import { integerIn, optional } from './members.ts';

export const handleTriggerMessage: CsmsCall = (payload, station) => {
  const { charging, firmware, diagnostics, connectors } = station.memory;
  switch (payload['requestedMessage']) {
    case 'BootNotification':
      return answered('Accepted', () => station.boot());
    case 'DiagnosticsStatusNotification':
      return answered('Accepted', () => diagnostics.tellStatus());
    case 'FirmwareStatusNotification':
      return answered('Accepted', () => firmware.tellStatus());
    case 'Heartbeat':
      return answered('Accepted', () => station.sendHeartbeat());
    case 'MeterValues':
      return ofConnectors(payload, station, connectors.numbers.slice(1), (number) =>
        charging.sendMeterValues(number, 'Trigger'),
      );
    case 'StatusNotification':
      return ofConnectors(payload, station, connectors.numbers, (number) => station.reportStatus(number));
    default:
      return answered('NotImplemented');
  }
};

/** Of the connector that is named, or of all. */
function ofConnectors(
  payload: Payload,
  { memory: { connectors } }: CalledStation,
  all: readonly number[],
  tell: (connectorNumber: number) => void,
): CsmsCallAnswer {
  const asked = optional(integerIn, payload, 'connectorId');
  if (asked !== undefined && !connectors.has(asked)) return answered('Rejected');
  return answered('Accepted', () => {
    for (const number of asked === undefined ? all : [asked]) tell(number);
  });
}
