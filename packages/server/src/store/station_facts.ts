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
import { analysedAsTheyGrow } from './analysed_tables.ts';
import type { AwaitedNotifications } from './awaited_notifications.ts';
import { sentRows, tenantIdsOf } from './columns.ts';
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

const seenWrittenEveryMs = 60_000;
const seenResult = Promise.resolve(undefined);

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
  const grown = analysedAsTheyGrow(
    database,
    ['transactions', 'connectors', 'latest_meter_values', 'station_errors', 'station_reports'],
    deps.log,
  );

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
      grown(facts.length);
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
    record<Fact extends StationFact>(fact: Fact): Promise<FactResult<Fact>> {
      if (fact.kind === 'seen') {
        seen.set(fact.chargingStationId, fact);
        return seenResult as Promise<FactResult<Fact>>;
      }
      const durable: DurableFact = fact;
      return new Promise<FactResult<Fact>>((resolve, reject) => {
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
const openings = sentRows<ConnectionOpened>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['connection_id', 'uuid', (fact) => fact.connectionId],
  ['node', 'text', (fact) => fact.node],
  ['ocpp_version', 'text', (fact) => fact.ocppVersion],
  ['at', 'timestamptz', (fact) => fact.at],
]);

function openedStatement(facts: readonly ConnectionOpened[]): Statement {
  return {
    text: `with opened as (
           insert into station_connections as c
             (tenant_id, charging_station_id, connection_id, node, ocpp_version, opened_at, closed_at, last_seen_at)
           select f.tenant_id, f.station_id, f.connection_id, f.node, f.ocpp_version, f.at, null, f.at
           from ${openings.from}
           ${stillThere}
           on conflict (tenant_id, charging_station_id) do update
           set connection_id = excluded.connection_id, node = excluded.node, ocpp_version = excluded.ocpp_version,
               opened_at = excluded.opened_at, closed_at = null,
               last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at)
           returning c.tenant_id, c.charging_station_id, c.ocpp_version, c.opened_at
           ) ${connected}`,
    values: openings.values(facts),
  };
}

const boots = sentRows<StationBooted>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['vendor', 'text', (fact) => fact.vendor],
  ['model', 'text', (fact) => fact.model],
  ['serial_number', 'text', (fact) => fact.serialNumber],
  ['firmware_version', 'text', (fact) => fact.firmwareVersion],
  ['iccid', 'text', (fact) => fact.iccid],
  ['imsi', 'text', (fact) => fact.imsi],
  ['at', 'timestamptz', (fact) => fact.at],
]);

function bootedStatement(facts: readonly StationBooted[]): Statement {
  return {
    text: `with booted as (
           update charging_stations s
           set vendor = f.vendor, model = f.model,
               serial_number = coalesce(f.serial_number, s.serial_number),
               firmware_version = coalesce(f.firmware_version, s.firmware_version),
               iccid = coalesce(f.iccid, s.iccid), imsi = coalesce(f.imsi, s.imsi),
               booted_at = f.at, updated_at = ${nextVersion('f.at')}
           from ${boots.from}
           where s.tenant_id = f.tenant_id and s.id = f.station_id
           returning s.tenant_id, s.id as charging_station_id, s.vendor, s.model, s.serial_number, s.firmware_version,
                     s.iccid, s.imsi, s.booted_at
           ) ${hasBooted}`,
    values: boots.values(facts),
  };
}

const reports = sentRows<ConnectorReported & { readonly id: string }>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['id', 'uuid', (fact) => fact.id],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['number', 'integer', (fact) => fact.connectorNumber],
  ['status', 'text', (fact) => fact.status],
  ['error_code', 'text', (fact) => fact.errorCode],
  ['vendor_error_code', 'text', (fact) => fact.vendorErrorCode],
  ['vendor_id', 'text', (fact) => fact.vendorId],
  ['info', 'text', (fact) => fact.info],
  ['at', 'timestamptz', (fact) => fact.at],
  ['received_at', 'timestamptz', (fact) => fact.receivedAt],
]);

function reportedStatement(facts: readonly ConnectorReported[], newId: () => string): Statement {
  return {
    text: `with reported as (
           insert into connectors as c
             (tenant_id, id, charging_station_id, number, status, error_code, vendor_error_code, vendor_id, info,
              status_at, created_at, updated_at)
           select f.tenant_id, f.id, f.station_id, f.number, f.status, f.error_code, f.vendor_error_code, f.vendor_id,
                  f.info, f.at, f.received_at, f.received_at
           from ${reports.from}
           ${stillThere}
           on conflict (tenant_id, charging_station_id, number) do update
           set status = excluded.status, error_code = excluded.error_code,
               vendor_error_code = excluded.vendor_error_code, vendor_id = excluded.vendor_id, info = excluded.info,
               status_at = excluded.status_at, updated_at = ${nextVersion('excluded.updated_at', 'c.updated_at')}
           returning c.tenant_id, c.charging_station_id, c.id, c.number, c.status, c.error_code, c.vendor_error_code,
                     c.info, c.status_at, c.updated_at as received_at
           ) ${statusChanged}`,
    values: reports.values(facts.map((fact) => ({ ...fact, id: newId() }))),
  };
}

const closings = sentRows<ConnectionClosed>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['connection_id', 'uuid', (fact) => fact.connectionId],
  ['at', 'timestamptz', (fact) => fact.at],
]);

function closedStatement(facts: readonly ConnectionClosed[]): Statement {
  return {
    text: `with closed as (
           update station_connections c
           set connection_id = null, closed_at = f.at, last_seen_at = greatest(c.last_seen_at, f.at)
           from ${closings.from}
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id
             and c.connection_id = f.connection_id
           returning c.tenant_id, c.charging_station_id, c.closed_at
           ) ${disconnected}`,
    values: closings.values(facts),
  };
}

const signs = sentRows<StationSeen>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['at', 'timestamptz', (fact) => fact.at],
]);

function seenStatement(facts: readonly StationSeen[]): Statement {
  return {
    text: `update station_connections c
           set last_seen_at = greatest(c.last_seen_at, f.at)
           from ${signs.from}
           where c.tenant_id = f.tenant_id and c.charging_station_id = f.station_id`,
    values: signs.values(facts),
  };
}
