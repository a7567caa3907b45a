// The remote commands of OCPP 1.6's Core profile (§4, §5).

import { Type } from 'typebox';
import { acceptedOrRejected, parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { chargingProfile } from './charging_profile.ts';
import { chosenId, connectorNumber, connectorNumberOrStation, idTag, oneOf, text } from './values.ts';

const keys = (description: string) => Type.Optional(Type.Array(text(50), { maxItems: 1_000, description }));

export const coreCommands = {
  get_configuration: {
    summary: 'Read configuration keys, all or some',
    actions: { 1.6: 'GetConfiguration' },
    parameters: parametersOf({
      keys: keys('Left out or empty: all that the station has.'),
      key: keys('As `keys`, by the name that it has in OCPP 1.6.'),
    }),
    example: { keys: ['HeartbeatInterval', 'MeterValueSampleInterval'] },
    results: {},
  },
  change_configuration: {
    summary: 'Set a configuration key',
    actions: { 1.6: 'ChangeConfiguration' },
    parameters: parametersOf({
      key: text(50),
      value: Type.String({ maxLength: 500, description: 'Always a text, also of numbers: "300".' }),
    }),
    example: { key: 'HeartbeatInterval', value: '300' },
    results: {
      Accepted: 'The key has the value now.',
      Rejected: 'The key is known, and cannot be set, or not to this value.',
      RebootRequired: 'The key has the value, which counts from the next start of the station on.',
      NotSupported: 'The station does not know the key.',
    },
  },
  reset: {
    summary: 'Restart the station',
    actions: { 1.6: 'Reset' },
    parameters: parametersOf({
      type: oneOf(['Soft', 'Hard'], 'Soft: transactions are stopped first. Hard: at once, as by power.'),
    }),
    example: { type: 'Soft' },
    results: acceptedOrRejected,
  },
  remote_start_transaction: {
    summary: 'Start a transaction for a driver token',
    actions: { 1.6: 'RemoteStartTransaction' },
    parameters: parametersOf({
      idTag: idTag('The driver token that charges.'),
      connectorId: Type.Optional(connectorNumber('Left out, the station or the driver chooses.')),
      chargingProfile: Type.Optional(chargingProfile),
    }),
    example: { connectorId: 1, idTag: '04A2B3C4D5E6F7' },
    results: {
      Accepted: 'The station tries to start. That it did is told by the transaction.',
      Rejected: 'The station does not start one.',
    },
  },
  remote_stop_transaction: {
    summary: 'Stop a transaction',
    actions: { 1.6: 'RemoteStopTransaction' },
    parameters: parametersOf({ transactionId: chosenId('The id of the transaction.') }),
    example: { transactionId: 4711 },
    results: {
      Accepted: 'The station stops it. That it did is told by the transaction.',
      Rejected: 'The station does not, mostly because it has no such transaction.',
    },
  },
  unlock_connector: {
    summary: 'Unlock the cable, and stop the transaction that goes on there',
    actions: { 1.6: 'UnlockConnector' },
    parameters: parametersOf({ connectorId: connectorNumber() }),
    example: { connectorId: 1 },
    results: {
      Unlocked: 'The cable is free.',
      UnlockFailed: 'The lock did not open.',
      NotSupported: 'The station has no such connector, or it has no lock.',
    },
  },
  change_availability: {
    summary: 'Put a connector or the station in or out of service',
    actions: { 1.6: 'ChangeAvailability' },
    parameters: parametersOf({
      connectorId: connectorNumberOrStation(),
      type: oneOf(['Operative', 'Inoperative']),
    }),
    example: { connectorId: 1, type: 'Inoperative' },
    results: { ...acceptedOrRejected, Scheduled: 'The station does it when the transaction has ended.' },
  },
  clear_cache: {
    summary: 'Make the station forget which driver tokens it was told to accept',
    actions: { 1.6: 'ClearCache' },
    parameters: parametersOf({}),
    example: {},
    results: acceptedOrRejected,
  },
  data_transfer: {
    summary: 'Send what the vendor of the station has agreed on beside OCPP',
    actions: { 1.6: 'DataTransfer' },
    parameters: parametersOf({
      vendorId: text(255),
      messageId: Type.Optional(text(50)),
      data: Type.Optional(Type.String()),
    }),
    example: { vendorId: 'com.example', messageId: 'display', data: '{"text":"Welcome"}' },
    results: {
      ...acceptedOrRejected,
      UnknownMessageId: 'The station does not know the messageId.',
      UnknownVendorId: 'The station does not know the vendorId.',
    },
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
