// The remote commands of OCPP 1.6's Remote Trigger profile.

import { Type } from 'typebox';
import { acceptedOrRejected, parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { connectorNumber, oneOf } from './values.ts';

/** What stations answer who are asked to send something. */
export const triggerResults = {
  ...acceptedOrRejected,
  NotImplemented: 'The station cannot be asked for it.',
} as const;

export const remoteTriggerCommands = {
  trigger_message: {
    summary: 'Make the station report something now',
    actions: { 1.6: 'TriggerMessage' },
    parameters: parametersOf({
      requestedMessage: oneOf([
        'BootNotification',
        'DiagnosticsStatusNotification',
        'FirmwareStatusNotification',
        'Heartbeat',
        'MeterValues',
        'StatusNotification',
      ]),
      connectorId: Type.Optional(connectorNumber('Left out: all, where it is of connectors.')),
    }),
    example: { requestedMessage: 'StatusNotification', connectorId: 1 },
    results: triggerResults,
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
