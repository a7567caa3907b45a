// OCPP 1.6, Firmware Management profile: the remote commands. The answers only tell that the call came.

import type { CommandTable } from '../../rpc/command.ts';
import GetDiagnosticsConf from '../schemas/GetDiagnostics.conf.json' with { type: 'json' };
import GetDiagnosticsReq from '../schemas/GetDiagnostics.req.json' with { type: 'json' };
import UpdateFirmwareConf from '../schemas/UpdateFirmware.conf.json' with { type: 'json' };
import UpdateFirmwareReq from '../schemas/UpdateFirmware.req.json' with { type: 'json' };

export const firmwareManagementCommands = {
  get_diagnostics: { request: GetDiagnosticsReq, response: GetDiagnosticsConf, result: null },
  update_firmware: {
    request: UpdateFirmwareReq,
    response: UpdateFirmwareConf,
    result: null,
    payloadOf: (parameters, now) => ({ retrieveDate: now.toISOString(), ...parameters }),
  },
} as const satisfies CommandTable;
