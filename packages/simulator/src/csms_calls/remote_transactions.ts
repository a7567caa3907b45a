// Transactions that the central system starts and stops (OCPP 1.6 §5.11, §5.12).

import type { StationMemory } from '../station_memory.ts';
import { chargingProfileIn } from './charging_profile.ts';
import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { integerIn, objectIn, optional, textIn } from './members.ts';

export const handleRemoteStartTransaction: CsmsCall = (payload, { memory }) => {
  const idTag = textIn(payload, 'idTag');
  const asked = optional(integerIn, payload, 'connectorId');
  const given = optional(objectIn, payload, 'chargingProfile');
  const profile = given && chargingProfileIn(given);
  if (profile !== undefined && profile.chargingProfilePurpose !== 'TxProfile') return answered('Rejected');
  const connectorNumber = startableConnector(memory, idTag, asked);
  // A station that is pending starts nothing (OCPP 1.6 §4.2).
  if (connectorNumber === undefined || !memory.uplink.isOpen) return answered('Rejected');
  const isToBeAuthorized = memory.configuration.isOn('AuthorizeRemoteTxRequests');
  return answered(
    'Accepted',
    () => void memory.charging.begin(connectorNumber, { idTag, isToBeAuthorized, profile }),
  );
};

export const handleRemoteStopTransaction: CsmsCall = (payload, { memory: { charging } }) => {
  const transaction = charging.withId(integerIn(payload, 'transactionId'));
  if (transaction === undefined) return answered('Rejected');
  return answered('Accepted', () => charging.end(transaction.connectorNumber, 'Remote'));
};

/** The connector that is asked for, or the one that is kept for the driver, or the first that is free. */
function startableConnector(memory: StationMemory, idTag: string, asked: number | undefined) {
  const { connectors, charging, authorizations, reservations } = memory;
  const kept = reservations.connectorFor(idTag, authorizations.find(idTag)?.parentIdTag);
  const numbers = asked === undefined ? connectors.numbers : [asked];
  return [...(asked === undefined && kept !== undefined ? [kept] : []), ...numbers].find((number) => {
    if (number === 0 || !connectors.has(number) || charging.at(number) !== undefined) return false;
    const status = connectors.statusOf(number);
    return status === 'Available' || status === 'Preparing' || (status === 'Reserved' && number === kept);
  });
}
