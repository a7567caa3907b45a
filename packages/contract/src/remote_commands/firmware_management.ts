// The remote commands of OCPP 1.6's Firmware Management profile. What comes of them is told by later notifications.

import { Type } from 'typebox';
import { parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { instant, retries, url } from './values.ts';

export const firmwareManagementCommands = {
  get_diagnostics: {
    summary: 'Make the station upload its diagnostics',
    actions: { 1.6: 'GetDiagnostics' },
    parameters: parametersOf({
      location: Type.Optional(
        url(
          2_000,
          'A folder to upload to, of FTP or HTTP. Left out: this server, by HTTP; the file is shown in station_files.',
        ),
      ),
      ...retries,
      startTime: Type.Optional(instant('Nothing older.')),
      stopTime: Type.Optional(instant('Nothing newer.')),
    }),
    example: { location: 'https://files.example.com/diagnostics/', retries: 2, retryInterval: 60 },
    results: {},
  },
  update_firmware: {
    summary: 'Make the station fetch and install firmware',
    actions: { 1.6: 'UpdateFirmware' },
    parameters: parametersOf({
      location: url(2_000, 'Where the station fetches it.'),
      retrieveDate: Type.Optional(instant('From when on it may fetch it. Left out: now.')),
      ...retries,
    }),
    example: {
      location: 'https://files.example.com/firmware/1.2.3.bin',
      retrieveDate: '2091-02-17T01:00:00.000Z',
    },
    results: {},
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
