// OCPP 1.6 with its security extension (white paper "Improved security for OCPP 1.6-J"): the remote commands.

import type { CommandTable, Payload } from '../../rpc/command.ts';
import CertificateSignedConf from '../schemas/CertificateSigned.conf.json' with { type: 'json' };
import CertificateSignedReq from '../schemas/CertificateSigned.req.json' with { type: 'json' };
import DeleteCertificateConf from '../schemas/DeleteCertificate.conf.json' with { type: 'json' };
import DeleteCertificateReq from '../schemas/DeleteCertificate.req.json' with { type: 'json' };
import ExtendedTriggerMessageConf from '../schemas/ExtendedTriggerMessage.conf.json' with { type: 'json' };
import ExtendedTriggerMessageReq from '../schemas/ExtendedTriggerMessage.req.json' with { type: 'json' };
import GetInstalledCertificateIdsConf from '../schemas/GetInstalledCertificateIds.conf.json' with { type: 'json' };
import GetInstalledCertificateIdsReq from '../schemas/GetInstalledCertificateIds.req.json' with { type: 'json' };
import GetLogConf from '../schemas/GetLog.conf.json' with { type: 'json' };
import GetLogReq from '../schemas/GetLog.req.json' with { type: 'json' };
import InstallCertificateConf from '../schemas/InstallCertificate.conf.json' with { type: 'json' };
import InstallCertificateReq from '../schemas/InstallCertificate.req.json' with { type: 'json' };
import SignedUpdateFirmwareConf from '../schemas/SignedUpdateFirmware.conf.json' with { type: 'json' };
import SignedUpdateFirmwareReq from '../schemas/SignedUpdateFirmware.req.json' with { type: 'json' };

export const securityCommands = {
  extended_trigger_message: {
    request: ExtendedTriggerMessageReq,
    response: ExtendedTriggerMessageConf,
    result: 'status',
  },
  get_log: { request: GetLogReq, response: GetLogConf, result: 'status' },
  signed_update_firmware: {
    request: SignedUpdateFirmwareReq,
    response: SignedUpdateFirmwareConf,
    result: 'status',
    payloadOf: signedUpdateRequest,
  },
  certificate_signed: { request: CertificateSignedReq, response: CertificateSignedConf, result: 'status' },
  install_certificate: { request: InstallCertificateReq, response: InstallCertificateConf, result: 'status' },
  delete_certificate: { request: DeleteCertificateReq, response: DeleteCertificateConf, result: 'status' },
  get_installed_certificate_ids: {
    request: GetInstalledCertificateIdsReq,
    response: GetInstalledCertificateIdsConf,
    result: 'status',
  },
} as const satisfies CommandTable;

function signedUpdateRequest({ firmware, ...parameters }: Payload, now: Date): Payload {
  return { ...parameters, firmware: { retrieveDateTime: now.toISOString(), ...(firmware as Payload) } };
}
