// The communication log from its door until all is written: entries of 10 000 stations, as fast as it takes them.

import { pino } from 'pino';
import type { Communication } from '../src/domain/index.ts';
import { newId } from '../src/ids.ts';
import { openStore } from '../src/store/index.ts';
import { openBenchDatabase } from './bench_database.ts';
import { aboutThisRun, median, ownCpuSeconds } from './measure.ts';

const entries = 50_000;
const rounds = 5;
const stations = Array.from({ length: 10_000 }, newId);

export async function communicationLog(): Promise<void> {
  const database = await openBenchDatabase();
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection: database.connection, log, newId, maxConnections: 2 });
  const { communicationWriter: writer } = store;
  const tenantId = newId();
  await store.tenants.insert({ id: tenantId, slug: 'bench', createdAt: new Date() });
  await store.housekeeping.prepare(new Date(), new AbortController().signal);
  const connectionId = newId();
  const sampledValue = [
    { value: '1206300', unit: 'Wh', measurand: 'Energy.Active.Import.Register' },
    { value: '11000', unit: 'W', measurand: 'Power.Active.Import' },
  ];
  const entry = (number: number): Communication => ({
    tenantId,
    chargingStationId: stations[(number * 7_919) % stations.length] ?? '',
    connectionId,
    at: new Date(),
    kind: 'call',
    direction: 'from_station',
    action: 'MeterValues',
    messageId: String(number),
    payload: {
      connectorId: 1,
      transactionId: 17,
      meterValue: [{ timestamp: '2026-11-25T12:00:00Z', sampledValue }],
    },
    answer: { payload: {} },
    latencyMs: 3,
    deviations: [],
  });
  const round = async () => {
    const begin = performance.now();
    for (let number = 0; number < entries; number += 1) await writer.add(entry(number));
    await writer.flush();
    return performance.now() - begin;
  };
  try {
    // The first one plans the statement.
    await round();
    const cpuSeconds = async () => [ownCpuSeconds(), (await database.cpuSeconds()) ?? Number.NaN] as const;
    const [nodeBefore, postgresBefore] = await cpuSeconds();
    const times: number[] = [];
    for (let n = 0; n < rounds; n += 1) times.push(await round());
    const [node, postgres] = await cpuSeconds();
    const perEntry = (seconds: number) => Math.round((seconds / rounds / entries) * 1e7) / 10;
    const line = {
      bench: 'communication_log',
      ...aboutThisRun(),
      n: rounds * entries,
      unit: 'µs an entry',
      p50: Math.round((median(times) / entries) * 10_000) / 10,
      nodeMicroseconds: perEntry(node - nodeBefore),
      postgresMicroseconds: perEntry(postgres - postgresBefore),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } finally {
    await store.close();
    await database.close();
  }
}
