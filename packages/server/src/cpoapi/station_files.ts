// station_files: under their own path, and under their station's (`/charging_stations/:cpuuid/station_files`,
// `/cp/:cpuuid/station_files`). `/station_files/:id/content` is what the station sent, as it sent it.

import { stationFiles as declaration } from '@chargeyard/contract/resources/station_files';
import { getRow, queryParameters } from '../json_api/index.ts';
import type { Method, Resource, ResourceDeps, Route } from '../json_api/index.ts';
import { stationFileFields } from '../store/index.ts';
import type { StationFileField } from '../store/index.ts';
import { routesWithStations } from './below_station.ts';

export const stationFiles = {
  declaration,
  path: '/station_files',
  fields: stationFileFields,
  fieldOf: {
    cpId: 'chargingStationId',
    remoteCommandId: 'remoteCommandId',
    name: 'name',
    mediaType: 'mediaType',
    size: 'size',
    sha256: 'sha256',
    receivedAt: 'receivedAt',
    createdAt: 'createdAt',
    updatedAt: 'updatedAt',
  },
  page: (tables, visibility, query) => tables.stationFiles.page(visibility, query),
  find: (tables, visibility, id, now) => tables.stationFiles.find(visibility, id, now),
} satisfies Resource<StationFileField> & {
  fieldOf: Record<keyof (typeof declaration)['attributes'], StationFileField>;
};

export function stationFileRoutes(deps: ResourceDeps): Route[] {
  return [
    ...routesWithStations(stationFiles, deps),
    { path: `${stationFiles.path}/:id/content`, methods: { GET: download(deps) } },
  ];
}

const download = ({ store, clock }: ResourceDeps): Method => ({
  scope: 'cpoapi:station_files:read',
  does: {
    action: 'download',
    resource: declaration,
    summary: 'Download what the station uploaded, byte by byte',
    parameters: [],
  },
  async answer(asked) {
    queryParameters(asked.query, []).throwFaults();
    const row = await getRow(stationFiles, store, asked, { now: clock.now(), given: {} });
    const textOf = (field: StationFileField) => row[stationFileFields.indexOf(field)] ?? '';
    return {
      status: 200,
      bytes: store.stationFiles.content(asked.principal.visibility.tenantId, textOf('id')),
      headers: {
        'content-disposition': attachment(textOf('name')),
        'content-length': textOf('size'),
        // A station may send anything; no browser is to take it for a page.
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      },
    };
  },
});

/** RFC 6266 §4.3: the name twice, the second time with all its characters (RFC 8187 §3.2). */
function attachment(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
