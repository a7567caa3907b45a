// The remote commands of OCPP 1.6's Reservation profile.

import { Type } from 'typebox';
import { parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { chosenId, connectorNumberOrStation, idTag, instant } from './values.ts';

export const reservationCommands = {
  reserve_now: {
    summary: 'Keep a connector for a driver token',
    actions: { 1.6: 'ReserveNow' },
    parameters: parametersOf({
      connectorId: connectorNumberOrStation('0: any connector of the station.'),
      expiryDate: instant('When the reservation ends.'),
      idTag: idTag(),
      parentIdTag: Type.Optional(idTag('Driver tokens of this group may charge, too.')),
      reservationId: chosenId('The reservation of this id is replaced, if the station has it.'),
    }),
    example: {
      connectorId: 1,
      expiryDate: '2091-02-17T08:00:00.000Z',
      idTag: '04A2B3C4D5E6F7',
      reservationId: 17,
    },
    results: {
      Accepted: 'The connector is reserved.',
      Faulted: 'The connector has an error.',
      Occupied: 'The connector is in use.',
      Rejected: 'The station does not take reservations.',
      Unavailable: 'The connector is out of service.',
    },
  },
  cancel_reservation: {
    summary: 'Take back a reservation',
    actions: { 1.6: 'CancelReservation' },
    parameters: parametersOf({ reservationId: chosenId() }),
    example: { reservationId: 17 },
    results: { Accepted: 'The reservation is gone.', Rejected: 'The station has no such reservation.' },
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
