// station_files: what stations uploaded, seen through their charging station. How they come is in station_uploads.ts; they go
// with their command.

import { isOfVisibleStation } from './charging_stations.ts';
import type { Session } from './database.ts';
import type { ListedTable } from './resource_list.ts';
import { readRows } from './resource_rows.ts';

const table = {
  name: 'station_files',
  id: { sql: 's.id', type: 'uuid' },
  fields: {
    id: { sql: 's.id', type: 'uuid' },
    chargingStationId: { sql: 's.charging_station_id', type: 'uuid' },
    remoteCommandId: { sql: 's.remote_command_id', type: 'uuid' },
    name: { sql: 's.name', type: 'text' },
    mediaType: { sql: 's.media_type', type: 'text' },
    size: { sql: 's.size', type: 'integer' },
    sha256: { sql: 's.sha256', type: 'text' },
    receivedAt: { sql: 's.received_at', type: 'timestamptz' },
    createdAt: { sql: 's.created_at', type: 'timestamptz' },
    updatedAt: { sql: 's.updated_at', type: 'timestamptz' },
  },
  visible: (visibility, parameter) =>
    `s.received_at is not null and ${isOfVisibleStation(visibility, parameter)}`,
} as const satisfies ListedTable<string>;

export type StationFileField = keyof typeof table.fields;
export const stationFileFields = Object.keys(table.fields) as readonly StationFileField[];

export function stationFilesIn(session: Session) {
  return {
    ...readRows(session, table),

    /** Answers the content of a file that may be seen, in parts, each read when it is asked for. */
    async *content(tenantId: string, id: string): AsyncGenerator<Buffer> {
      for (let number = 0; ; number += 1) {
        const [part] = await session.queryAs<{ bytes: Buffer }>(
          tenantId,
          'select bytes from station_file_parts where tenant_id = $1 and file_id = $2 and number = $3',
          [tenantId, id, number],
        );
        if (part === undefined) return;
        yield part.bytes;
      }
    },
  };
}
