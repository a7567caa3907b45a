// station_reports: what stations report of themselves: of firmware updates, uploads of diagnostics and logs, security events,
// and their requests for a certificate. Read only: stations write them.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';

const instant = Type.String({ format: 'date-time' });

export const stationReports = {
  type: 'station_reports',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  relationships: { chargingStation: { toOne: 'charging_stations', by: 'cpId' } },
  attributes: {
    cpId: {
      schema: Type.String({ format: 'uuid' }),
      filters: true,
      refersTo: 'charging_stations',
    },
    kind: {
      schema: Type.Union([
        Type.Literal('firmware'),
        Type.Literal('signed_firmware'),
        Type.Literal('diagnostics'),
        Type.Literal('log'),
        Type.Literal('security_event'),
        Type.Literal('certificate_request'),
      ]),
      filters: true,
      sorts: true,
      example: 'firmware',
    },
    status: {
      schema: orNull(Type.String(), 'As reported, in OCPP’s words; null: the kind has none.'),
      filters: true,
      example: 'Downloading',
    },
    securityEvent: {
      schema: orNull(Type.String(), 'The type of a security event.'),
      filters: true,
      example: null,
    },
    requestId: {
      schema: orNull(Type.Integer(), 'Of the request that it is about, where the station tells it.'),
      filters: true,
      example: null,
    },
    details: {
      schema: orNull(Type.String(), 'Of a security event; the certificate signing request.'),
      example: null,
    },
    reason: {
      schema: orNull(Type.String(), 'Why a request for a certificate was rejected.'),
      example: null,
    },
    reportedAt: {
      schema: Type.String({
        format: 'date-time',
        description: 'By the station’s clock where it tells the time.',
      }),
      sorts: true,
    },
    receivedAt: { schema: instant, sorts: true },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
