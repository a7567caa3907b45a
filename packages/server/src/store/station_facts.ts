// What stations tell, made durable in groups: while one transaction commits, the facts that arrive gather for the next,
// so that a fleet costs few commits and a lone station waits for none but its own. One writer and one transaction at a
// time, so a station's facts are applied in the order in which they came.

import { Unavailable } from '../domain/index.ts';
import type {
  ConnectionClosed,
  ConnectionOpened,
  ConnectorReported,
  FactResult,
  StationBooted,
  StationFact,
  StationSeen,
} from '../domain/index.ts';
import type { Logger } from 'pino';
import type { AwaitedNotifications } from './awaited_notifications.ts';
import { column, tenantIdsOf } from './columns.ts';
import { rebootedStatement } from './configurations.ts';
import { isDeadlock, isFaultOfAValue } from './database.ts';
import type { Database, Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import type { Step } from './fact_step.ts';
import { meterStatements } from './meter_values.ts';
import { isOvertaken, newestStatement, replacedStatement } from './newest_connections.ts';
import { errorStatements } from './station_errors.ts';
import { reportStatements } from './station_reports.ts';
import { startSteps, stopSteps } from './transactions.ts';
import { nextVersion } from './versions.ts';

export type StationFacts = {
  /**
   * Keeps a fact.
   *
   * @returns when it is committed, what there is to answer; at once for `seen`, which is kept in memory and written once a
   *   minute
   * @throws {Unavailable} when the database cannot be reached; the fact is not kept then
   */
  record<Fact extends StationFact>(fact: Fact): Promise<FactResult<Fact>>;

  /** Facts that wait for their commit. */
  waitingCount(): number;

  /** Writes all that is still in memory. */
  close(): Promise<void>;
};

type Waiting = {
  readonly fact: DurableFact;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
};
type DurableFact = Exclude<StationFact, StationSeen>;

const factsPerTransaction = 500;
const attempts = 3;

// Plans are made once for each connection (database.ts). What is the best way into an empty table is the worst into one that
// has grown since; new statistics have them made anew, and autovacuum comes only once a minute.
const analysedAfterFacts = [1_000, 4_000, 16_000, 64_000, 256_000];
const analyse = 'analyze transactions, connectors, latest_meter_values, station_errors, station_reports';
const seenWrittenEveryMs = 60_000;

export function stationFactsIn(
  database: Database,
  deps: { newId: () => string; log: Logger; awaited: AwaitedNotifications },
): StationFacts {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let seen = new Map<string, StationSeen>();
  let isSeenDue = false;
  // Nobody repeats a closing that could not be written: it stays here until it can.
  let owedClosings: ConnectionClosed[] = [];
  let factsWritten = 0;
  let analysesDue = analysedAfterFacts;

  function write(): Promise<void> {
    writing ??= writeAll();
    return writing;
  }

  async function writeAll(): Promise<void> {
    // Facts of the same moment share the first transaction, too.
    await Promise.resolve();
    while (waiting.length > 0 || isSeenDue) {
      const group = waiting.slice(0, factsPerTransaction);
      waiting = waiting.slice(factsPerTransaction);
      if (group.length > 0) await writeGroup(group);
      if (isSeenDue) await writeSeen();
    }
    // Without a pause after the last look: what comes now begins anew.
    writing = undefined;
  }

  async function writeGroup(group: readonly Waiting[], attempt = 1): Promise<void> {
    const owed = owedClosings;
    try {
      const facts = [...owed, ...group.map(({ fact }) => fact)];
      const steps = stepsFor(facts, deps.newId);
      const told = deps.awaited.toldBy(facts);
      const rows = await database.transaction(tenantIdsOf(facts), [...steps, ...told.statements]);
      told.committed(rows.slice(steps.length));
      owedClosings = owedClosings.slice(owed.length);
      count(facts.length);
      const results = new Map(steps.flatMap(({ results: of }, at) => of?.(rows[at] ?? []) ?? []));
      for (const { fact, done, failed } of group) {
        if (fact.kind === 'transaction_started' && results.get(fact) === undefined) failed(notStarted());
        else done(results.get(fact));
      }
    } catch (error) {
      if (group.length > 1 && isFaultOfAValue(error)) {
        // One station's impossible value must not cost the others their facts.
        for (const one of group) await writeGroup([one]);
        return;
      }
      // Two processes waited for each other: the other one's went through meanwhile.
      if (isDeadlock(error) && attempt < attempts) return await writeGroup(group, attempt + 1);
      owedClosings = [
        ...owedClosings,
        ...group.flatMap(({ fact }) => (fact.kind === 'connection_closed' ? [fact] : [])),
      ];
      const reason = isOvertaken(error) ? overtaken(error) : error;
      for (const { failed } of group) failed(reason);
    }
  }

  function count(facts: number): void {
    factsWritten += facts;
    if (factsWritten < (analysesDue[0] ?? Number.POSITIVE_INFINITY)) return;
    analysesDue = analysesDue.filter((after) => after > factsWritten);
    database
      .query(analyse)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'tables could not be analysed'));
  }

  /** Failing is no harm: what was seen is kept for the next time. */
  async function writeSeen(): Promise<void> {
    isSeenDue = false;
    const [facts, owed] = [[...seen.values()], owedClosings];
    const statements = [
      ...(facts.length > 0 ? [seenStatement(facts)] : []),
      ...(owed.length > 0 ? [closedStatement(owed)] : []),
    ];
    if (statements.length === 0) return;
    const written = seen;
    seen = new Map();
    try {
      await database.transaction(tenantIdsOf([...facts, ...owed]), statements);
      owedClosings = owedClosings.slice(owed.length);
    } catch (error) {
      seen = new Map([...written, ...seen]);
      deps.log.warn({ err: error }, 'when stations were seen could not be written');
    }
  }

  const timer = setInterval(() => {
    isSeenDue = true;
    void write();
  }, seenWrittenEveryMs);
  timer.unref();

  return {
    async record<Fact extends StationFact>(fact: Fact): Promise<FactResult<Fact>> {
      if (fact.kind === 'seen') {
        seen.set(fact.chargingStationId, fact);
        return undefined as FactResult<Fact>;
      }
      const durable: DurableFact = fact;
      return await new Promise<FactResult<Fact>>((resolve, reject) => {
        // Each step answers its own kind of fact, see `results`.
        waiting.push({
          fact: durable,
          done: (result) => resolve(result as FactResult<Fact>),
          failed: reject,
        });
        void write();
      });
    },
    waitingCount: () => waiting.length,
    async close() {
      clearInterval(timer);
      isSeenDue = true;
      // What is being written now may have passed the point where it would see this.
      await write();
      await write();
    },
  };
}

/**
 * Answers what applies a group of facts. Openings come first and closings last: a closing counts only while its own
 * connection is still the station's, so any interleaving of the two comes out right.
 */
function stepsFor(facts: readonly DurableFact[], newId: () => string): Step[] {
  const of = <K extends DurableFact['kind']>(kind: K) =>
    facts.filter((fact): fact is Extract<DurableFact, { kind: K }> => fact.kind === kind);
  const opened = newestPerStation(of('connection_opened'));
  const booted = mergedBoots(of('booted'));
  const allReported = of('connector_reported');
  const reported = newestBy(allReported, (fact) => `${fact.chargingStationId}/${fact.connectorNumber}`);
  const closed = of('connection_closed');
  return [
    ...(opened.length > 0 ? [replacedStatement(opened), openedStatement(opened)] : []),
    ...(booted.length + reported.length > 0 ? [newestStatement([...booted, ...reported], opened)] : []),
    ...(booted.length > 0 ? [bootedStatement(booted), rebootedStatement(booted)] : []),
    ...(reported.length > 0 ? [reportedStatement(reported, newId)] : []),
    ...errorStatements(allReported, newId),
    ...startSteps(of('transaction_started')),
    ...stopSteps(of('transaction_stopped')),
    ...meterStatements(of('meter_read'), newId),
    ...reportStatements(of('station_reported'), newId),
    ...(closed.length > 0 ? [closedStatement(closed)] : []),
  ];
}

// Deleted meanwhile, or begun by another process in the same moment: said again, it has an answer or none to give.
const notStarted = () => new Unavailable('The transaction could not be kept at the moment.');

const overtaken = (cause: unknown) =>
  new Unavailable('The charging station has a newer connection.', { cause });

function newestBy<F extends StationFact>(facts: readonly F[], key: (fact: F) => string): F[] {
  return [...new Map(facts.map((fact) => [key(fact), fact])).values()];
}

function newestPerStation<F extends StationFact>(facts: readonly F[]): F[] {
  return newestBy(facts, (fact) => fact.chargingStationId);
}

/** Of several boots of one station in a group, a later one leaves what it does not name as the earlier one had it. */
function mergedBoots(boots: readonly StationBooted[]): StationBooted[] {
  const merged = new Map<string, StationBooted>();
  for (const boot of boots) {
    const earlier = merged.get(boot.chargingStationId);
    merged.set(boot.chargingStationId, {
      ...boot,
      serialNumber: boot.serialNumber ?? earlier?.serialNumber,
      firmwareVersion: boot.firmwareVersion ?? earlier?.firmwareVersion,
      iccid: boot.iccid ?? earlier?.iccid,
      imsi: boot.imsi ?? earlier?.imsi,
    });
  }
  return [...merged.values()];
}

// A station may have been deleted while its fact was on the way: each statement joins the stations that still are.
const stillThere = 'join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id';

const connected = eventInsert('station.connected', {
  from: 'opened',
  at: 'e.opened_at',
  data: { ocppVersion: 'e.ocpp_version' },
});
/** Tells of the rows of `closed`. */
export const disconnected = eventInsert('station.disconnected', {
  from: 'closed',
  at: 'e.closed_at',
  data: { disconnectedAt: instantJson('e.closed_at') },
});
const hasBooted = eventInsert('station.booted', {
  from: 'booted',
  at: 'e.booted_at',
  data: {
    vendor: 'e.vendor',
    model: 'e.model',
    serialnumber: 'e.serial_number',
    firmwareVersion: 'e.firmware_version',
    iccid: 'e.iccid',
    imsi: 'e.imsi',
    bootedAt: instantJson('e.booted_at'),
  },
});
// What the table has is what was there before the statement.
const statusChanged = eventInsert('connector.status', {
  from: 'reported',
  at: 'e.received_at',
  data: {
    connectorUuid: 'e.id',
    connectorNumber: 'e.number',
    status: 'e.status',
    errorCode: 'e.error_code',
    vendorErrorCode: 'e.vendor_error_code',
    info: 'e.info',
    statusAt: instantJson('e.status_at'),
  },
  joins: `left join lateral (
            select c.status, c.error_code, c.vendor_error_code, c.info from connectors c
            where c.tenant_id = e.tenant_id and c.charging_station_id = e.charging_station_id and c.number = e.number
            limit 1
          ) before on true`,
  where: `(e.status, e.error_code, e.vendor_error_code, e.info)
            is distinct from (before.status, before.error_code, before.vendor_error_code, before.info)`,
});

function openedStatement(facts: readonly ConnectionOpened[]): Statement {
  return {
    text: `with opened as (
           insert into station_connections as c
             (tenant_id, charging_station_id, connection_id, node, ocpp_version, opened_at, closed_at, last_seen_at)
           select f.tenant_id, f.station_id, f.connection_id, f.node, f.ocpp_version, f.at, null, f.at
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[])
             as f (tenant_id, station_id, connection_id, node, ocpp_version, at)
           ${stillThere}
           on conflict (tenant_id, charging_station_id) do update
           set connection_id = excluded.connection_id, node = excluded.node, ocpp_version = excluded.ocpp_version,
               opened_at = excluded.opened_at, closed_at = null,
               last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at)
           returning c.tenant_id, c.charging_station_id, c.ocpp_version, c.opened_at
           ) ${connected}`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.connectionId),
      column(facts, (fact) => fact.node),
      column(facts, (fact) => fact.ocppVersion),
      column(facts, (fact) => fact.at),
    ],
  };
}

function bootedStatement(facts: readonly StationBooted[]): Statement {
  return {
    text: `with booted as (
           update charging_stations s
           set vendor = f.vendor, model = f.model,
               serial_number = coalesce(f.serial_number, s.serial_number),
               firmware_version = coalesce(f.firmware_version, s.firmware_version),
               iccid = coalesce(f.iccid, s.iccid), imsi = coalesce(f.imsi, s.imsi),
               booted_at = f.at, updated_at = ${nextVersion('f.at')}
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::timestamptz[])
             as f (tenant_id, station_id, vendor, model, serial_number, firmware_version, iccid, imsi, at)
           where s.tenant_id = f.tenant_id and s.id = f.station_id
           returning s.tenant_id, s.id as charging_station_id, s.vendor, s.model, s.serial_number, s.firmware_version,
                     s.iccid, s.imsi, s.booted_at
           ) ${hasBooted}`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.vendor),
      column(facts, (fact) => fact.model),
      column(facts, (fact) => fact.serialNumber),
      column(facts, (fact) => fact.firmwareVersion),
      column(facts, (fact) => fact.iccid),
      column(facts, (fact) => fact.imsi),
      column(facts, (fact) => fact.at),
    ],
  };
}

function reportedStatement(facts: readonly ConnectorReported[], newId: () => string): Statement {
  return {
    text: `with reported as (
           insert into connectors as c
             (tenant_id, id, charging_station_id, number, status, error_code, vendor_error_code, vendor_id, info,
              status_at, created_at, updated_at)
           select f.tenant_id, f.id, f.station_id, f.number, f.status, f.error_code, f.vendor_error_code, f.vendor_id,
                  f.info, f.at, f.received_at, f.received_at
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::timestamptz[], $11::timestamptz[])
             as f (tenant_id, id, station_id, number, status, error_code, vendor_error_code, vendor_id, info, at,
                   received_at)
           ${stillThere}
           on conflict (tenant_id, charging_station_id, number) do update
           set status = excluded.status, error_code = excluded.error_code,
               vendor_error_code = excluded.vendor_error_code, vendor_id = excluded.vendor_id, info = excluded.info,
               status_at = excluded.status_at, updated_at = ${nextVersion('excluded.updated_at', 'c.updated_at')}
           returning c.tenant_id, c.charging_station_id, c.id, c.number, c.status, c.error_code, c.vendor_error_code,
                     c.info, c.status_at, c.updated_at as received_at
           ) ${statusChanged}`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, () => newId()),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.connectorNumber),
      column(facts, (fact) => fact.status),
      column(facts, (fact) => fact.errorCode),
      column(facts, (fact) => fact.vendorErrorCode),
      column(facts, (fact) => fact.vendorId),
      column(facts, (fact) => fact.info),
      column(facts, (fact) => fact.at),
      column(facts, (fact) => fact.receivedAt),
    ],
  };
}

function closedStatement(facts: readonly ConnectionClosed[]): Statement {
  return {
    text: `with closed as (
           update station_connections c
           set connection_id = null, closed_at = f.at, last_seen_at = greatest(c.last_seen_at, f.at)
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
             as f (tenant_id, station_id, connection_id, at)
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
             and c.connection_id = f.connection_id
           returning c.tenant_id, c.charging_station_id, c.closed_at
           ) ${disconnected}`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.connectionId),
      column(facts, (fact) => fact.at),
    ],
  };
}

function seenStatement(facts: readonly StationSeen[]): Statement {
  return {
    text: `update station_connections c
           set last_seen_at = greatest(c.last_seen_at, f.at)
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as f (tenant_id, station_id, at)
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id`,
    values: [
      column(facts, (fact) => fact.tenantId),
      column(facts, (fact) => fact.chargingStationId),
      column(facts, (fact) => fact.at),
    ],
  };
}
