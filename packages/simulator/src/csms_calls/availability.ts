// Connectors in and out of service, unlocked, and the restart of the station (OCPP 1.6 §5.2, §5.14, §5.18).

import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { integerIn, wordIn } from './members.ts';

export const handleChangeAvailability: CsmsCall = (payload, station) => {
  const connectorNumber = integerIn(payload, 'connectorId');
  const type = wordIn(payload, 'type', ['Operative', 'Inoperative']);
  const { connectors } = station.memory;
  const { status, changed } = connectors.changeAvailability(connectorNumber, type === 'Operative');
  return answered(status, () => {
    for (const number of changed) station.reportStatus(number);
  });
};

export const handleUnlockConnector: CsmsCall = (payload, { memory }) => {
  const connectorNumber = integerIn(payload, 'connectorId');
  if (connectorNumber === 0 || !memory.connectors.has(connectorNumber)) return answered('NotSupported');
  return answered('Unlocked', () => memory.charging.end(connectorNumber, 'UnlockCommand'));
};

export const handleReset: CsmsCall = (payload, station) => {
  const type = wordIn(payload, 'type', ['Soft', 'Hard']);
  return answered('Accepted', () => void station.restart(`${type}Reset`));
};
