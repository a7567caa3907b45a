// station_files: what stations uploaded to this server because a remote command asked them to. Read only: stations make them.
// Their content is at …/content.

import { Type } from 'typebox';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

export const stationFiles = {
  type: 'station_files',
  id: 'uuid',
  paged: 'offset',
  hasUpdatedSince: true,
  happensAt: 'receivedAt',
  isNewestFirst: true,
  relationships: {
    chargingStation: { toOne: 'charging_stations', by: 'cpId' },
    remoteCommand: { toOne: 'remote_commands', by: 'remoteCommandId' },
  },
  attributes: {
    cpId: { schema: uuid, filters: true, refersTo: 'charging_stations' },
    remoteCommandId: { schema: uuid, filters: true, refersTo: 'remote_commands' },
    name: {
      schema: Type.String({ description: 'As the station calls it, without folders.' }),
      filters: true,
      sorts: true,
      example: 'diagnostics.zip',
    },
    mediaType: {
      schema: orNull(Type.String(), 'As the station tells it; nobody has looked.'),
      example: 'application/zip',
    },
    size: {
      schema: Type.Integer({ minimum: 1, description: 'Bytes.' }),
      sorts: true,
      example: 48_213,
    },
    sha256: {
      schema: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the content, hexadecimal.' }),
      filters: true,
      example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
    receivedAt: { schema: instant, sorts: true },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
} as const satisfies ResourceDeclaration;
