// What stations tell, made durable in groups: while one transaction commits, the facts that arrive gather for the next,
// so that a fleet costs few commits and a lone station waits for none but its own. One writer and one transaction at a
// time, so a station's facts are applied in the order in which they came.

import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../domain/index.ts';
import type { ConnectionClosed, FactResult, StationFact, StationReference } from '../domain/index.ts';
import type { Logger } from 'pino';
import { analysedAsTheyGrow } from './analysed_tables.ts';
import type { AwaitedNotifications } from './awaited_notifications.ts';
import { tenantIdsOf } from './columns.ts';
import { isDeadlock, isFaultOfAValue } from './database.ts';
import type { Database } from './database.ts';
import { stepsFor } from './fact_steps.ts';
import { isOvertaken } from './newest_connections.ts';
import { closedStatement, seenStatement } from './station_connections.ts';
import type { StationSeen } from './station_connections.ts';

export type StationFacts = {
  /**
   * Keeps a fact.
   *
   * @returns when it is committed, what there is to answer
   * @throws {Unavailable} when the database cannot be reached; the fact is not kept then
   */
  record<Fact extends StationFact>(fact: Fact): Promise<FactResult<Fact>>;

  /** Notes that a station was heard (any frame): kept in memory and written once a minute, never one row each. */
  noteSeen(station: StationReference, at: Date): void;

  /** Facts that wait for their commit. */
  waitingCount(): number;

  /** Writes all that is still in memory. */
  close(): Promise<void>;
};

type Waiting = {
  readonly fact: StationFact;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
};

const factsPerTransaction = 500;
// A transaction costs about a millisecond whatever is in it. This far apart, half of a core's load takes two thirds of it
// instead of all; and the first fact after a pause waits for nothing (docs/decisions/facts_in_groups.md).
const groupsApartMs = 4;
const attempts = 3;

const seenWrittenEveryMs = 60_000;

export function stationFactsIn(
  database: Database,
  deps: { newId: () => string; log: Logger; awaited: AwaitedNotifications },
): StationFacts {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let begunAt = -groupsApartMs;
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
      await apart();
      const group = waiting.slice(0, factsPerTransaction);
      waiting = waiting.slice(factsPerTransaction);
      if (group.length > 0) await writeGroup(group);
      if (isSeenDue) await writeSeen();
    }
    // Without a pause after the last look: what comes now begins anew.
    writing = undefined;
  }

  async function apart(): Promise<void> {
    const waitMs = begunAt + groupsApartMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    begunAt = performance.now();
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
      await database.transaction(tenantIdsOf([...facts.map(({ station }) => station), ...owed]), statements);
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
      return new Promise<FactResult<Fact>>((resolve, reject) => {
        // Each step answers its own kind of fact, see `results`.
        waiting.push({
          fact,
          done: (result) => resolve(result as FactResult<Fact>),
          failed: reject,
        });
        void write();
      });
    },
    noteSeen(station, at) {
      seen.set(station.chargingStationId, { station, at });
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

// Deleted meanwhile, or begun by another process in the same moment: said again, it has an answer or none to give.
const notStarted = () => new Unavailable('The transaction could not be kept at the moment.');

const overtaken = (cause: unknown) =>
  new Unavailable('The charging station has a newer connection.', { cause });
