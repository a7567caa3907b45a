// What is told of transactions that start and stop (events.ts).

import { eventInsert, instantJson } from './events.ts';

/** SQL: what a statement returns of transactions `s`, beside `told_at`, for them to be told of. */
export const told = `s.tenant_id, s.charging_station_id, s.id, s.connector_number, s.driver_token, s.authorization_status,
  s.reservation_id, s.started_at, s.stopped_at, s.meter_start_wh, s.meter_stop_wh, s.stop_reason, s.ended_by, s.flags`;
const startData = {
  transactionId: 'e.id',
  connectorNumber: 'e.connector_number',
  driverToken: 'e.driver_token',
  authorizationStatus: 'e.authorization_status',
  reservationId: 'e.reservation_id',
  startDate: instantJson('e.started_at'),
  meterStartWh: 'e.meter_start_wh',
};
const stopData = {
  ...startData,
  endDate: instantJson('e.stopped_at'),
  meterStopWh: 'e.meter_stop_wh',
  energyWh: 'greatest(0, e.meter_stop_wh - e.meter_start_wh)',
  stopReason: 'e.stop_reason',
  endedBy: 'e.ended_by',
  flags: 'array_to_json(e.flags)',
};
/** SQL that tells of the transactions in `from`. */
export const tellsOfStarts = (from: string) =>
  eventInsert('transaction.started', { from, at: 'e.told_at', data: startData });
/** The same of those that have ended. */
export const tellsOfStops = (from: string) =>
  eventInsert('transaction.stopped', { from, at: 'e.told_at', data: stopData });
