// How the communication log is written: together, in order, and without losing anything while there is a database.

import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/domain/index.ts';
import type { Communication } from '../../src/domain/index.ts';
import { newId } from '../../src/ids.ts';
import { communicationWriterOn } from '../../src/store/communication_writer.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabase } from '../test_database.ts';
import type { TestDatabase } from '../test_database.ts';

const at = new Date('2026-11-25T12:00:00.000Z');
const [tenantId, otherTenantId, connectionId] = [newId(), newId(), newId()];
const log = pino({ level: 'silent' });

let database: TestDatabase;
let pool: Database;
/** Statements that were sent, a number a transaction. */
let transactions: number[];
beforeAll(async () => {
  database = await testDatabase();
  pool = openDatabase({ connection: database.connection, log, maxConnections: 2 });
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});
beforeEach(async () => {
  transactions = [];
  await database.look('truncate communication_log');
});

const counting: Pick<Database, 'transaction'> = {
  transaction: (tenantIds, statements) => {
    transactions.push(statements.length);
    return pool.transaction(tenantIds, statements);
  },
};

let made = 0;
/** A call of a station. */
function aCall(chargingStationId: string, more: object = {}): Communication {
  return {
    tenantId,
    chargingStationId,
    connectionId,
    at,
    kind: 'call',
    direction: 'from_station',
    action: 'Heartbeat',
    messageId: String((made += 1)),
    payload: {},
    answer: { payload: {} },
    latencyMs: 3,
    deviations: [],
    ...more,
  };
}

const kept = (chargingStationId: string) =>
  database.look<{ message_id: string | null; kind: string; note: string | null }>(
    'select message_id, kind, note from communication_log where charging_station_id = $1 order by id',
    [chargingStationId],
  );
const keptIds = async (station: string) => (await kept(station)).map(({ message_id: id }) => Number(id));

/** The entry that says so. */
const leftOut = (count: string, until: string) => ({
  message_id: null,
  kind: 'left_out',
  note: `${count} from 2026-11-25T12:00:00.000Z to 2026-11-25T12:00:${until}.000Z could not be kept: the database was away.`,
});

describe('the communication log', () => {
  it('is written by itself, soon, in one transaction for all tenants', async () => {
    const writer = communicationWriterOn(counting, { newId, log });
    const stations = [newId(), newId()];
    expect(writer.add(aCall(String(stations[0])))).toBeUndefined();
    void writer.add(aCall(String(stations[1]), { tenantId: otherTenantId, deviations: ['a, "b"'] }));
    await database.until('select 1 from communication_log where charging_station_id = $1', [stations[1]]);
    expect(transactions).toEqual([2]);
    const rows = await database.look(
      `select tenant_id, at, connection_id, kind, direction, action, payload, answer, error_code, latency_ms, deviations,
              note, has_problem, is_cut from communication_log order by id`,
    );
    const row = {
      tenant_id: tenantId,
      at,
      connection_id: connectionId,
      kind: 'call',
      direction: 'from_station',
      action: 'Heartbeat',
      payload: '{}',
      answer: '{}',
      error_code: null,
      latency_ms: 3,
      deviations: null,
      note: null,
      has_problem: false,
      is_cut: false,
    };
    const deviating = { tenant_id: otherTenantId, deviations: ['a, "b"'], has_problem: true };
    expect(rows).toEqual([row, { ...row, ...deviating }]);
    await writer.close();
  });

  it('keeps the order in which things were said, also within a millisecond', async () => {
    const writer = communicationWriterOn(counting, { newId, log });
    const station = newId();
    const calls = Array.from({ length: 1_201 }, () => aCall(station));
    for (const call of calls) void writer.add(call);
    await writer.close();
    expect(await keptIds(station)).toEqual(
      calls.map((call) => Number('messageId' in call && call.messageId)),
    );
    expect(transactions).toEqual([2, 2, 2]);
  });

  it.each([
    ['entries', { entries: 10, bytes: 1e9 }],
    ['bytes', { entries: 1e9, bytes: 10 * 502 }],
  ])('asks for patience when it holds too many %s, and loses none of them', async (_what, limits) => {
    const writer = communicationWriterOn(counting, { newId, log, limits });
    const station = newId();
    for (let n = 0; n < 9; n += 1) expect(writer.add(aCall(station))).toBeUndefined();
    const rooms = [writer.add(aCall(station)), writer.add(aCall(station))];
    await Promise.all(rooms.map((room) => expect(room).resolves.toBeUndefined()));
    expect(await kept(station)).toHaveLength(11);
    expect(writer.add(aCall(station))).toBeUndefined();
    await writer.close();
    expect(await kept(station)).toHaveLength(12);
  });

  it('loses no more than the entry that cannot be stored', async () => {
    const writer = communicationWriterOn(counting, { newId, log });
    const station = newId();
    const first = aCall(station);
    void writer.add(first);
    void writer.add(aCall(station, { latencyMs: 2 ** 31 }));
    void writer.add(aCall(station));
    await writer.close();
    const id = Number('messageId' in first && first.messageId);
    expect(await keptIds(station)).toEqual([id, id + 2]);
  });

  it('while the database is away keeps what it has room for, holds up nobody, and says what it left out', async () => {
    let isAway = true;
    const lines: { msg: string; leftOut?: number }[] = [];
    const writer = communicationWriterOn(
      {
        transaction: (tenantIds, statements) =>
          isAway
            ? Promise.reject(new Unavailable('It is away.'))
            : counting.transaction(tenantIds, statements),
      },
      {
        newId,
        log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
        limits: { entries: 4, bytes: 1e9 },
      },
    );
    const [one, other] = [newId(), newId()];
    for (let n = 0; n < 3; n += 1) void writer.add(aCall(one));
    const room = writer.add(aCall(one));
    await writer.flush();
    await expect(room).resolves.toBeUndefined();
    expect(writer.add(aCall(one))).toBeUndefined();
    expect(writer.add(aCall(one, { at: new Date('2026-11-25T12:00:05.000Z') }))).toBeUndefined();
    expect(writer.add(aCall(other))).toBeUndefined();
    await writer.flush();
    isAway = false;
    await writer.flush();
    expect((await kept(one)).slice(4)).toEqual([leftOut('2 entries', '05')]);
    expect(await kept(one)).toHaveLength(5);
    expect(await kept(other)).toEqual([leftOut('1 entry', '00')]);
    expect(lines.map(({ msg, leftOut: count }) => [msg, count])).toEqual([
      ['the communication log cannot be written; entries are kept', undefined],
      ['the communication log is written again', 3],
    ]);
    await writer.close();
  });

  it('tries again by itself when the database is back', async () => {
    const writer = communicationWriterOn(counting, { newId, log });
    const station = newId();
    await database.look('alter table communication_log rename to communication_log_away');
    void writer.add(aCall(station));
    await writer.flush();
    await database.look('alter table communication_log_away rename to communication_log');
    await database.until('select 1 from communication_log where charging_station_id = $1', [station]);
    await writer.close();
    expect(await kept(station)).toHaveLength(1);
  });
});
