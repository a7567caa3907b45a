// The remote commands of the white paper "Improved security for OCPP 1.6-J".

import { Type } from 'typebox';
import { acceptedOrRejected, parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { triggerResults } from './remote_trigger.ts';
import { chosenId, connectorNumber, instant, oneOf, retries, text, url } from './values.ts';

const certificateType = oneOf(
  ['CentralSystemRootCertificate', 'ManufacturerRootCertificate'],
  'Central system: what the station trusts a server by. Manufacturer: what it trusts firmware by.',
);

export const securityCommands = {
  extended_trigger_message: {
    summary: 'Make the station report something now, of the security extension, too',
    actions: { 1.6: 'ExtendedTriggerMessage' },
    parameters: parametersOf({
      requestedMessage: oneOf([
        'BootNotification',
        'LogStatusNotification',
        'FirmwareStatusNotification',
        'Heartbeat',
        'MeterValues',
        'SignChargePointCertificate',
        'StatusNotification',
      ]),
      connectorId: Type.Optional(connectorNumber('Left out: all, where it is of connectors.')),
    }),
    example: { requestedMessage: 'LogStatusNotification' },
    results: triggerResults,
  },
  get_log: {
    summary: 'Make the station upload a log',
    actions: { 1.6: 'GetLog' },
    parameters: parametersOf({
      logType: oneOf(['DiagnosticsLog', 'SecurityLog']),
      requestId: chosenId('LogStatusNotifications name it.'),
      log: Type.Optional(
        Type.Object(
          {
            remoteLocation: Type.Optional(
              url(
                512,
                'Where to upload to, of FTP or HTTP. Left out: this server, by HTTP; the file is shown in station_files.',
              ),
            ),
            oldestTimestamp: Type.Optional(instant('Nothing older.')),
            latestTimestamp: Type.Optional(instant('Nothing newer.')),
          },
          { additionalProperties: false },
        ),
      ),
      ...retries,
    }),
    example: {
      logType: 'SecurityLog',
      requestId: 23,
      log: { remoteLocation: 'https://files.example.com/logs/' },
    },
    results: {
      ...acceptedOrRejected,
      AcceptedCanceled: 'The station does it, and gave up an earlier upload for it.',
    },
  },
  signed_update_firmware: {
    summary: 'Make the station fetch, check and install signed firmware',
    actions: { 1.6: 'SignedUpdateFirmware' },
    parameters: parametersOf({
      requestId: chosenId('SignedFirmwareStatusNotifications name it.'),
      firmware: Type.Object(
        {
          location: url(512, 'Where the station fetches it.'),
          retrieveDateTime: Type.Optional(instant('From when on it may fetch it. Left out: now.')),
          installDateTime: Type.Optional(
            instant('From when on it may install it. Left out: the station decides.'),
          ),
          signingCertificate: text(5_500, 'X.509, PEM.'),
          signature: text(800, 'Of the firmware file, Base64.'),
        },
        { additionalProperties: false },
      ),
      ...retries,
    }),
    example: {
      requestId: 24,
      firmware: {
        location: 'https://files.example.com/firmware/1.2.3.bin',
        retrieveDateTime: '2091-02-17T01:00:00.000Z',
        signingCertificate: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----',
        signature: 'MEUCIQDx',
      },
    },
    results: {
      ...acceptedOrRejected,
      AcceptedCanceled: 'The station does it, and gave up an earlier update for it.',
      InvalidCertificate: 'The station does not trust the certificate.',
      RevokedCertificate: 'The certificate was revoked.',
    },
  },
  certificate_signed: {
    summary: 'Give the station the certificate that it asked for',
    actions: { 1.6: 'CertificateSigned' },
    parameters: parametersOf({
      certificateChain: text(
        10_000,
        'The station’s certificate, then those between it and the root. X.509, PEM. What it asked for is a ' +
          'certificate_request of its station_reports.',
      ),
    }),
    example: { certificateChain: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----' },
    results: {
      Accepted: 'The station has the certificate, and connects with it from then on.',
      Rejected: 'It is not valid, or not of the key that the station made.',
    },
  },
  install_certificate: {
    summary: 'Install a root certificate',
    actions: { 1.6: 'InstallCertificate' },
    parameters: parametersOf({ certificateType, certificate: text(5_500, 'X.509, PEM.') }),
    example: {
      certificateType: 'CentralSystemRootCertificate',
      certificate: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----',
    },
    results: {
      Accepted: 'The certificate is installed.',
      Failed: 'It is valid, and could not be installed.',
      Rejected: 'It is not valid, or the station has no place for it.',
    },
  },
  delete_certificate: {
    summary: 'Delete a root certificate',
    actions: { 1.6: 'DeleteCertificate' },
    parameters: parametersOf({
      certificateHashData: Type.Object(
        {
          hashAlgorithm: oneOf(['SHA256', 'SHA384', 'SHA512']),
          issuerNameHash: text(128),
          issuerKeyHash: text(128),
          serialNumber: text(40),
        },
        { additionalProperties: false, description: 'As get_installed_certificate_ids answers it.' },
      ),
    }),
    example: {
      certificateHashData: {
        hashAlgorithm: 'SHA256',
        issuerNameHash: '3fb4d3a5',
        issuerKeyHash: 'bb84c7b9',
        serialNumber: '01',
      },
    },
    results: {
      Accepted: 'The certificate is gone.',
      Failed: 'It could not be deleted.',
      NotFound: 'The station has no such certificate.',
    },
  },
  get_installed_certificate_ids: {
    summary: 'Read which root certificates are installed',
    actions: { 1.6: 'GetInstalledCertificateIds' },
    parameters: parametersOf({ certificateType }),
    example: { certificateType: 'CentralSystemRootCertificate' },
    results: { Accepted: 'The answer has them.', NotFound: 'There is none.' },
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
