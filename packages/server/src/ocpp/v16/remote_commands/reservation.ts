// OCPP 1.6, Reservation profile: the remote commands.

import type { CommandTable } from '../../rpc/command.ts';
import CancelReservationConf from '../schemas/CancelReservation.conf.json' with { type: 'json' };
import CancelReservationReq from '../schemas/CancelReservation.req.json' with { type: 'json' };
import ReserveNowConf from '../schemas/ReserveNow.conf.json' with { type: 'json' };
import ReserveNowReq from '../schemas/ReserveNow.req.json' with { type: 'json' };

export const reservationCommands = {
  reserve_now: { request: ReserveNowReq, response: ReserveNowConf, result: 'status' },
  cancel_reservation: { request: CancelReservationReq, response: CancelReservationConf, result: 'status' },
} as const satisfies CommandTable;
