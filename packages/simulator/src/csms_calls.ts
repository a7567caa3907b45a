// What a station answers when the central system calls it: one function per action of OCPP 1.6 §5.
// An answer may have a consequence, which must come after the answer is sent.

import type { Connectors } from './connectors.ts';
import type { Payload } from './frames.ts';

/** What an answer may read and set in motion. */
export type CalledStation = {
  readonly connectors: Connectors;
  /** Seconds; 0 before the first accepted boot. */
  readonly heartbeatIntervalSeconds: number;
  boot(): void;
  sendHeartbeat(): void;
  reportStatus(connectorNumber: number): void;
  /** Ends the connection, connects again and boots. */
  restart(): void;
};

export type CsmsCallAnswer =
  | { readonly payload: Payload; readonly afterwards?: () => void }
  | { readonly errorCode: string; readonly description: string };

const actions = new Map([
  ['ChangeAvailability', handleChangeAvailability],
  ['GetConfiguration', handleGetConfiguration],
  ['Reset', handleReset],
  ['TriggerMessage', handleTriggerMessage],
]);

/** Answers a call of the central system. An action that is not known here is answered NotImplemented; never throws. */
export function csmsCallAnswer(action: string, payload: Payload, station: CalledStation): CsmsCallAnswer {
  const handle = actions.get(action);
  if (handle !== undefined) return handle(payload, station);
  return { errorCode: 'NotImplemented', description: `This simulated station does not know ${action}.` };
}

function handleChangeAvailability(payload: Payload, station: CalledStation): CsmsCallAnswer {
  const { connectorId: connectorNumber, type } = payload;
  if (typeof connectorNumber !== 'number') return wrongType('connectorId must be an integer.');
  if (type !== 'Operative' && type !== 'Inoperative')
    return wrongType('type must be Operative or Inoperative.');
  const { status, changed } = station.connectors.changeAvailability(connectorNumber, type === 'Operative');
  return {
    payload: { status },
    afterwards: () => {
      for (const number of changed) station.reportStatus(number);
    },
  };
}

function handleGetConfiguration(payload: Payload, station: CalledStation): CsmsCallAnswer {
  const known = new Map([
    ['AuthorizeRemoteTxRequests', 'false'],
    ['GetConfigurationMaxKeys', '20'],
    ['HeartbeatInterval', String(station.heartbeatIntervalSeconds)],
    ['NumberOfConnectors', String(station.connectors.count)],
    ['SupportedFeatureProfiles', 'Core,RemoteTrigger'],
  ]);
  const asked = Array.isArray(payload.key) && payload.key.length > 0 ? payload.key.map(String) : undefined;
  const configurationKey: Payload[] = [];
  const unknownKey: string[] = [];
  for (const key of asked ?? known.keys()) {
    const value = known.get(key);
    if (value === undefined) unknownKey.push(key);
    else configurationKey.push({ key, readonly: true, value });
  }
  return { payload: { configurationKey, ...(unknownKey.length > 0 && { unknownKey }) } };
}

function handleReset(payload: Payload, station: CalledStation): CsmsCallAnswer {
  if (payload.type !== 'Soft' && payload.type !== 'Hard') return wrongType('type must be Soft or Hard.');
  return { payload: { status: 'Accepted' }, afterwards: () => station.restart() };
}

function handleTriggerMessage(payload: Payload, station: CalledStation): CsmsCallAnswer {
  const { requestedMessage, connectorId: connectorNumber } = payload;
  if (connectorNumber !== undefined && typeof connectorNumber !== 'number') {
    return wrongType('connectorId must be an integer.');
  }
  switch (requestedMessage) {
    case 'BootNotification':
      return { payload: { status: 'Accepted' }, afterwards: () => station.boot() };
    case 'Heartbeat':
      return { payload: { status: 'Accepted' }, afterwards: () => station.sendHeartbeat() };
    case 'StatusNotification': {
      if (connectorNumber !== undefined && !station.connectors.has(connectorNumber)) {
        return { payload: { status: 'Rejected' } };
      }
      // Without a connector the trigger is for the station and all its connectors (OCPP 1.6 §5.17).
      const numbers = connectorNumber === undefined ? station.connectors.numbers : [connectorNumber];
      return {
        payload: { status: 'Accepted' },
        afterwards: () => {
          for (const number of numbers) station.reportStatus(number);
        },
      };
    }
    default:
      return { payload: { status: 'NotImplemented' } };
  }
}

function wrongType(description: string): CsmsCallAnswer {
  return { errorCode: 'TypeConstraintViolation', description };
}
