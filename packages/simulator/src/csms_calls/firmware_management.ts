// Firmware to install and diagnostics to upload (OCPP 1.6 §5.9, §5.19).

import type { StationMemory } from '../station_memory.ts';
import type { CsmsCall } from './csms_call.ts';
import { instantIn, integerIn, optional, textIn } from './members.ts';

export const handleUpdateFirmware: CsmsCall = (payload, station) => {
  const location = textIn(payload, 'location');
  const retrieveAt = instantIn(payload, 'retrieveDate');
  const restart = () => void station.restart('Reboot');
  return {
    payload: {},
    afterwards: () => void station.memory.firmware.begin(location, retrieveAt, restart),
  };
};

export const handleGetDiagnostics: CsmsCall = (payload, { memory }) => {
  const upload = {
    location: textIn(payload, 'location'),
    retries: optional(integerIn, payload, 'retries') ?? 0,
    retryIntervalSeconds: optional(integerIn, payload, 'retryInterval') ?? 0,
    fileName: `diagnostics-${memory.station.serialNumber}-${Date.now()}.txt`,
  };
  return {
    payload: { fileName: upload.fileName },
    afterwards: () => void memory.diagnostics.upload({ ...upload, text: diagnosticsOf(memory) }),
  };
};

function diagnosticsOf({ station, firmware, connectors, configuration }: StationMemory): string {
  return [
    `${station.vendor} ${station.model}, serial number ${station.serialNumber}, firmware ${firmware.version}`,
    `at ${new Date().toISOString()}`,
    ...connectors.numbers.map((number) => `connector ${number}: ${connectors.statusOf(number)}`),
    ...configuration.names.map((name) => `${name}=${configuration.textOf(name)}`),
    '',
  ].join('\n');
}
