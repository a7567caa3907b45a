// Connectors kept for a driver (OCPP 1.6 §5.1 Cancel Reservation, §5.13 Reserve Now).

import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { instantIn, integerIn, optional, textIn } from './members.ts';

export const handleReserveNow: CsmsCall = (payload, station) => {
  const { status, connectorNumber } = station.memory.reservations.reserve({
    id: integerIn(payload, 'reservationId'),
    connectorNumber: integerIn(payload, 'connectorId'),
    idTag: textIn(payload, 'idTag'),
    parentIdTag: optional(textIn, payload, 'parentIdTag'),
    expiryDate: instantIn(payload, 'expiryDate'),
  });
  if (connectorNumber === undefined) return answered(status);
  return answered(status, () => station.reportStatus(connectorNumber));
};

export const handleCancelReservation: CsmsCall = (payload, station) => {
  const connectorNumber = station.memory.reservations.cancel(integerIn(payload, 'reservationId'));
  if (connectorNumber === undefined) return answered('Rejected');
  return answered('Accepted', () => station.reportStatus(connectorNumber));
};
