// One of every resource: what each needs to be there, and what a write of it sends. The tests that go through all of the
// API's operations take theirs from here, so a resource of the API without a fixture makes them fail.

import { newId } from '../../src/ids.ts';
import { normalisedSample } from '../../src/domain/index.ts';
import {
  aCommunication,
  aConfiguration,
  aLatestMeterValue,
  aMeterValue,
  aRemoteCommand,
  aStationFile,
  aStationReport,
  aTransaction,
  aUser,
  aWaitingChargingStation,
  aWebhook,
  anError,
} from '../builders.ts';
import type { TestApp } from '../test_app.ts';
import { base } from './caller.ts';
import type { Caller, Single } from './caller.ts';
import type { Operation } from './described_api.ts';

/** By resource type, the id of the one that is meant. */
export type Ids = Readonly<Record<string, string>>;

/** A company with one of everything. */
export type Place = {
  /** In a text of each thing here, and nowhere else. */
  readonly mark: string;
  readonly ids: Ids;
};

type Fixture = {
  /** What a creation or a change sends. `text` is another one each time. */
  readonly body?: (ids: Ids, text: string) => object;
  /** Makes one where that is not done by a POST of the body. Answers its id. */
  readonly make?: (app: TestApp, tenantId: string, place: Place) => Promise<string>;
  /** All of a tenant see it, whatever company they are bound to, and who is bound only reads it. */
  readonly isTenantWide?: true;
  /** It is of no company: who is bound to one sees none of it. */
  readonly isOfNoCompany?: true;
};

/** Each after those that it refers to. */
export const fixtures: Readonly<Record<string, Fixture>> = {
  companies: {
    make: async (_app, _tenantId, { ids }) => String(ids['companies']),
    body: (ids, text) => ({ name: text, parentUuid: ids['companies'] }),
  },
  charging_station_models: {
    body: (_ids, text) => ({ vendor: 'Vendor', name: text }),
    isTenantWide: true,
  },
  technicians: {
    async make(app, tenantId, { ids, mark }) {
      const company = { companyId: String(ids['companies']), withSubordinates: false };
      const technician = { firstName: mark, role: 'viewer', isTechnician: true, company } as const;
      return String((await aUser(app.store, tenantId, technician)).id);
    },
  },
  locations: { body: (ids, text) => ({ name: text, companyUuid: ids['companies'] }) },
  charging_stations: {
    body: (ids, text) => ({
      label: text,
      chargeBoxIdentity: text,
      modelId: Number(ids['charging_station_models']),
      companyUuid: ids['companies'],
      timeZone: 'Europe/Berlin',
      technicianUserId: Number(ids['technicians']),
    }),
  },
  connectors: {
    body: (ids, text) => ({
      cpUuid: ids['charging_stations'],
      connectorNumber: 1 + (Number(text.split('-').at(-1)) % 999),
      label: text,
    }),
  },
  maintenance_windows: {
    body: (ids, text) => ({
      cpUuid: ids['charging_stations'],
      connectorUuid: ids['connectors'],
      comment: text,
      startDate: '2091-02-17T07:00:00.000Z',
      endDate: '2091-02-17T17:00:00.000Z',
    }),
  },
  driver_tokens: { body: (ids, text) => ({ value: text, companyUuid: ids['companies'] }) },
  errors: {
    make: (app, tenantId, { ids, mark }) =>
      anError(app.store, tenantId, String(ids['charging_stations']), 0, { info: mark }),
  },
  transactions: {
    make: async (app, tenantId, { ids, mark }) =>
      String(
        await aTransaction(app.store, tenantId, String(ids['charging_stations']), { driverToken: mark }),
      ),
  },
  meter_values: {
    make: (app, tenantId, { ids, mark }) =>
      aMeterValue(app.store, tenantId, String(ids['charging_stations']), {
        reportedId: Number(ids['transactions']),
        samples: [normalisedSample({ value: '1', measurand: mark })],
      }),
  },
  latest_meter_values: {
    make: (app, tenantId, { ids }) =>
      aLatestMeterValue(app.store, tenantId, String(ids['charging_stations'])),
  },
  communication_log: {
    make: (app, tenantId, { ids, mark }) =>
      aCommunication(app.store, tenantId, String(ids['charging_stations']), { messageId: mark }),
  },
  station_reports: {
    make: (app, tenantId, { ids, mark }) =>
      aStationReport(app.store, tenantId, String(ids['charging_stations']), { details: mark }),
  },
  configurations: {
    async make(app, tenantId, { ids, mark }) {
      const keys = { [mark]: 'value' };
      const [id] = await aConfiguration(app.store, tenantId, String(ids['charging_stations']), keys);
      return String(id);
    },
  },
  remote_commands: {
    make: (app, tenantId, { ids, mark }) =>
      aRemoteCommand(app.store, tenantId, String(ids['charging_stations']), { parameters: { keys: [mark] } }),
  },
  station_files: {
    make: (app, tenantId, { ids, mark }) =>
      aStationFile(app.store, tenantId, String(ids['charging_stations']), {
        remoteCommandId: String(ids['remote_commands']),
        name: mark,
        content: Buffer.from(mark),
      }),
  },
  waiting_charging_stations: {
    make: async (app, tenantId, { mark }) =>
      (await aWaitingChargingStation(app.store, tenantId, { identity: `waiting-${mark}` })).id,
    isOfNoCompany: true,
  },
  webhooks: {
    make: (app, tenantId, { ids }) =>
      aWebhook(app.store, tenantId, { companyId: String(ids['companies']), withSubordinates: false }),
    // Of what happens here it is sent nothing, so nothing waits.
    body: (_ids, text) => ({
      url: `https://receiver.example/${text}`,
      state: 'paused',
      eventTypes: ['maintenance_window.started'],
    }),
  },
};

let texts = 0;

/** Answers what a write of a resource sends; undefined where it takes no body. */
export function bodyOf(type: string, { ids, mark }: Place): Record<string, unknown> | undefined {
  const body = fixtures[type]?.body?.(ids, `${mark}-${(texts += 1)}`);
  return body === undefined ? undefined : { ...body };
}

/**
 * Makes one of everything that belongs to a company. The charging station stands at the location.
 *
 * @param call of one who may see all of the tenant, and write
 */
export async function aPlace(
  app: TestApp,
  { tenantId, call }: { tenantId: string; call: Caller },
  companyId: string,
): Promise<Place> {
  const mark = `mark-${newId().slice(-12)}`;
  const ids: Record<string, string> = { companies: companyId };
  for (const [type, { make }] of Object.entries(fixtures)) {
    const body = bodyOf(type, { ids, mark });
    if (make === undefined) {
      ids[type] = (await answered(call('POST', `/${type}`, body))).data.id;
    } else {
      ids[type] = await make(app, tenantId, { ids, mark });
      // Only now there is a text of ours in it.
      if (body !== undefined) await answered(call('PUT', `/${type}/${ids[type]}`, body));
    }
  }
  await call('PUT', `/locations/${ids['locations']}/charging_stations/${ids['charging_stations']}`);
  return { mark, ids };
}

const never = (id: string) => (/^\d+$/.test(id) ? String(2_000_000_000 + (texts += 1)) : newId());

/** A place where nothing is, and never was: of each id of another place the form alone. */
export function nowhereLike({ ids }: Place): Place {
  return {
    mark: 'nowhere',
    ids: Object.fromEntries(Object.entries(ids).map(([type, id]) => [type, never(id)])),
  };
}

async function answered(request: ReturnType<Caller>): Promise<Single> {
  const answer = await request;
  if (answer.status >= 300) throw new Error(`not made: ${answer.status} ${answer.text}`);
  return answer.json<Single>();
}

/** Answers the resource types that an operation's path names things of, in the order of the path. */
export function typesInPath({ path }: Pick<Operation, 'path'>): string[] {
  return [...path.matchAll(/(\w+)\/\{(\w+)\}/g)].map(([, collection = '', parameter]) => {
    const type = parameter === 'cpuuid' || parameter === 'cpId' ? 'charging_stations' : collection;
    if (fixtures[type] === undefined) throw new Error(`${path}: there is no fixture of ${type}`);
    return type;
  });
}

/** Answers an operation's path below the API's, with the ids of a place for each of its parameters. */
export function pathAt({ path }: Operation, places: readonly Place[]): string {
  const types = typesInPath({ path });
  let at = 0;
  return path.replace(base, '').replaceAll(/\{\w+\}/g, () => {
    const id = places[at]?.ids[types[at] ?? ''];
    at += 1;
    return String(id);
  });
}
