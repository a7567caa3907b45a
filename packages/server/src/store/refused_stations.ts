// Who was refused at the door, for the operator: a known station's last refusal, and the waiting room for identities that
// nobody created. It is gathered in memory and written now and then, bounded in memory and in the table, so that whoever
// keeps knocking cannot hurt the database; what is lost with a failure comes again with the next attempt.

import type { Logger } from 'pino';
import type { StationRefused } from '../domain/index.ts';
import { sentRows, tenantIdsOf } from './columns.ts';
import type { Database, Statement } from './database.ts';
import { nextVersion } from './versions.ts';

export type RefusedStations = {
  /** Notes a refusal. Returns at once and never fails; it is written soon. */
  readonly note: (refused: StationRefused) => void;
  /** Writes all that is still in memory. */
  readonly write: () => Promise<void>;
};

type Noted = { readonly refused: StationRefused; readonly attempts: number };

// Between one writing and the next.
const pauseMs = 5_000;
// Stations and identities of one writing; of more, the oldest are forgotten.
const mostNoted = 2_000;
/** In a tenant's waiting room; of more, those go that have not come for the longest time. */
export const mostWaiting = 1_000;

export function refusedStationsIn(
  database: Database,
  { newId, log }: { newId: () => string; log: Logger },
): RefusedStations {
  let noted = new Map<string, Noted>();
  let pause: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  function note(refused: StationRefused): void {
    const { tenantId, who } = refused;
    const key = `${tenantId}/${'identity' in who ? who.identity : who.chargingStationId}`;
    const attempts = (noted.get(key)?.attempts ?? 0) + 1;
    noted.delete(key);
    noted.set(key, { refused, attempts });
    const [oldest] = noted.keys();
    if (noted.size > mostNoted && oldest !== undefined) noted.delete(oldest);
    if (pause === undefined) void write();
  }

  /** Writes after what is being written, and again after a pause, as long as there is something. */
  function write(): Promise<void> {
    clearTimeout(pause);
    pause = setTimeout(() => {
      pause = undefined;
      if (noted.size > 0) void write();
    }, pauseMs).unref();
    writing = writing.then(writeNoted);
    return writing;
  }

  async function writeNoted(): Promise<void> {
    const all = [...noted.values()];
    if (all.length === 0) return;
    noted = new Map();
    const tenantIds = tenantIdsOf(all.map(({ refused }) => refused));
    try {
      await database.transaction(tenantIds, statementsFor(all, tenantIds, newId));
    } catch (error) {
      log.warn({ err: error }, 'which stations were refused could not be written');
    }
  }

  return { note, write };
}

function statementsFor(
  all: readonly Noted[],
  tenantIds: readonly string[],
  newId: () => string,
): Statement[] {
  const known = all.flatMap(({ refused }) =>
    'chargingStationId' in refused.who ? [{ ...refused, ...refused.who }] : [],
  );
  const unknown = all.flatMap(({ refused, attempts }) =>
    'identity' in refused.who ? [{ ...refused, ...refused.who, attempts }] : [],
  );
  return [
    ...(known.length > 0 ? [lastRefusalStatement(known)] : []),
    ...(unknown.length > 0 ? [waitingStatement(unknown, newId), crowdStatement(tenantIds)] : []),
  ];
}

type Known = StationRefused & { chargingStationId: string; reason: string };
type Unknown = StationRefused & { identity: string; subprotocols: readonly string[]; attempts: number };

const refusals = sentRows<Known>([
  ['tenant_id', 'uuid', ({ tenantId }) => tenantId],
  ['station_id', 'uuid', ({ chargingStationId }) => chargingStationId],
  ['last_refusal', 'json', ({ at, reason, address }) => JSON.stringify({ at, reason, address })],
]);

function lastRefusalStatement(known: readonly Known[]): Statement {
  return {
    // Of a station that was deleted meanwhile there is nothing to tell.
    text: `insert into station_connections as c (tenant_id, charging_station_id, last_refusal)
           select f.tenant_id, f.station_id, f.last_refusal
           from ${refusals.from}
           join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
           on conflict (tenant_id, charging_station_id) do update set last_refusal = excluded.last_refusal`,
    values: refusals.values(known),
  };
}

const waitingRows = sentRows<Unknown & { id: string }>([
  ['tenant_id', 'uuid', ({ tenantId }) => tenantId],
  ['id', 'uuid', ({ id }) => id],
  ['identity', 'text', ({ identity }) => identity],
  ['address', 'text', ({ address }) => address],
  ['subprotocols', 'json', ({ subprotocols }) => JSON.stringify(subprotocols)],
  ['attempts', 'integer', ({ attempts }) => attempts],
  ['at', 'timestamptz', ({ at }) => at],
]);

function waitingStatement(unknown: readonly Unknown[], newId: () => string): Statement {
  return {
    // One that was created meanwhile waits no longer.
    text: `insert into waiting_charging_stations as w
             (tenant_id, id, identity, address, subprotocols, attempts, created_at, last_attempt_at, updated_at)
           select f.tenant_id, f.id, f.identity, f.address, f.subprotocols, f.attempts, f.at, f.at, f.at
           from ${waitingRows.from}
           where not exists (select 1 from charging_stations s
                             where s.tenant_id = f.tenant_id and s.identity = f.identity)
           on conflict (tenant_id, identity) do update
           set address = excluded.address, subprotocols = excluded.subprotocols,
               attempts = least(w.attempts::bigint + excluded.attempts, 2147483647),
               last_attempt_at = greatest(w.last_attempt_at, excluded.last_attempt_at),
               updated_at = ${nextVersion('excluded.updated_at', 'w.updated_at')}`,
    values: waitingRows.values(unknown.map((station) => ({ ...station, id: newId() }))),
  };
}

function crowdStatement(tenantIds: readonly string[]): Statement {
  return {
    text: `delete from waiting_charging_stations w using (
             select gone.tenant_id, gone.id from unnest($1::uuid[]) t (id)
             cross join lateral (
               select o.tenant_id, o.id from waiting_charging_stations o where o.tenant_id = t.id
               order by o.last_attempt_at desc offset ${mostWaiting}
             ) gone
           ) gone
           where w.tenant_id = gone.tenant_id and w.id = gone.id`,
    values: [tenantIds],
  };
}
