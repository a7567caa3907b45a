// OCPP 1.6: how what stations send beside the specification is understood. What is not listed is refused where no rule for
// all of its kind applies (rpc/fault_repair.ts: numbers as texts, unknown properties, too long texts …). docs/leniency.md tells it.

import { remoteCommands } from '@chargeyard/contract/remote_commands/index';
import type { Leniency, LeniencyRules, WordRule } from '../rpc/leniency.ts';
import { quirks } from './quirks.ts';

const measurands = {
  energy: 'Energy.Active.Import.Register',
  energyactiveimport: 'Energy.Active.Import.Register',
  energyimport: 'Energy.Active.Import.Register',
  activeenergyregisterimport: 'Energy.Active.Import.Register',
  energyactiveexport: 'Energy.Active.Export.Register',
  power: 'Power.Active.Import',
  poweractive: 'Power.Active.Import',
  current: 'Current.Import',
  stateofcharge: 'SoC',
};
const contexts = {
  sampleperiod: 'Sample.Periodic',
  periodic: 'Sample.Periodic',
  clock: 'Sample.Clock',
  begin: 'Transaction.Begin',
  end: 'Transaction.End',
};
const units = {
  watt: 'W',
  watts: 'W',
  watthour: 'Wh',
  watthours: 'Wh',
  amp: 'A',
  amps: 'A',
  ampere: 'A',
  volt: 'V',
  volts: 'V',
  c: 'Celsius',
  degc: 'Celsius',
  f: 'Fahrenheit',
  kelvin: 'K',
  percentage: 'Percent',
};

// What a station answers a command of ours is shown as it said it.
const answersToCommands = Object.fromEntries(
  Object.values(remoteCommands).map(({ actions }): [string, WordRule] => [
    `${actions['1.6']}.status`,
    { otherwise: 'kept' },
  ]),
);

const rules: LeniencyRules = {
  words: {
    ...answersToCommands,
    'StatusNotification.errorCode': {
      meant: { '': 'NoError', no: 'NoError', none: 'NoError', null: 'NoError', ok: 'NoError', 0: 'NoError' },
      otherwise: { takenAs: 'OtherError' },
    },
    // OCPP 1.5 has Occupied for all that 1.6 tells apart. Any other status would be a guess at what the connector does.
    'StatusNotification.status': {
      meant: { occupied: 'Charging', suspendedevs: 'SuspendedEVSE', fault: 'Faulted', error: 'Faulted' },
    },
    'StopTransaction.reason': {
      meant: { evdisconnect: 'EVDisconnected', deauthorised: 'DeAuthorized', powerfailure: 'PowerLoss' },
      otherwise: { takenAs: 'Other' },
    },
    'sampledValue.context': { meant: contexts, otherwise: { takenAs: 'Other' } },
    'sampledValue.format': { otherwise: { takenAs: 'Raw' } },
    'sampledValue.measurand': { meant: measurands, otherwise: 'kept' },
    'sampledValue.phase': { meant: { a: 'L1', b: 'L2', c: 'L3' }, otherwise: 'kept' },
    'sampledValue.location': { otherwise: 'kept' },
    'sampledValue.unit': { meant: units, otherwise: 'kept' },
    'FirmwareStatusNotification.status': { otherwise: 'kept' },
    'SignedFirmwareStatusNotification.status': { otherwise: 'kept' },
    'DiagnosticsStatusNotification.status': { otherwise: 'kept' },
    'LogStatusNotification.status': { otherwise: 'kept' },
  },
  defaults: {
    'BootNotification.chargePointVendor': { value: 'unknown' },
    'BootNotification.chargePointModel': { value: 'unknown' },
    'StatusNotification.errorCode': { value: 'NoError' },
    'SecurityEventNotification.timestamp': 'time_of_receipt',
    'meterValue.timestamp': 'time_of_receipt',
    'transactionData.timestamp': 'time_of_receipt',
    'StopTransaction.timestamp': 'time_of_receipt',
    'DataTransfer.vendorId': { value: '' },
    'configurationKey.readonly': { value: false },
  },
  jsonTexts: ['DataTransfer.data', 'configurationKey.value'],
  rounded: ['StartTransaction.meterStart', 'StopTransaction.meterStop'],
  untouched: ['Authorize.idTag', 'StartTransaction.idTag', 'StopTransaction.idTag'],
  zoneless: 'UTC',
};

export const leniencyOfV16: Leniency = { rules, quirks };
