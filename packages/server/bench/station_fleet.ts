// The generator: a process that plays a fleet of stations, so many of them with a call under way. It knows nothing of the
// server but OCPP.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { median } from './measure.ts';

export type FleetRun = { readonly url: string; readonly stations: number; readonly seconds: number };
export type FleetResult = {
  readonly calls: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
};

const underWay = 64;
const identityOf = (at: number) => `cp_${at + 1}`;

type Station = {
  readonly webSocket: WebSocket;
  readonly identity: string;
  turn: number;
  transactionId: number | undefined;
  answered: ((frame: readonly unknown[]) => void) | undefined;
};

let connected: { url: string; stations: Station[] } | undefined;

async function stationsAt(url: string, count: number): Promise<Station[]> {
  if (connected?.url === url) return connected.stations;
  for (const { webSocket } of connected?.stations ?? []) webSocket.terminate();
  const stations: Station[] = [];
  for (let at = 0; at < count; at += 1) {
    const webSocket = new WebSocket(`${url}/${identityOf(at)}`, ['ocpp1.6'], { perMessageDeflate: false });
    const identity = identityOf(at);
    const station: Station = {
      webSocket,
      identity,
      turn: at,
      transactionId: undefined,
      answered: undefined,
    };
    webSocket.on('message', (data: Buffer) => station.answered?.(JSON.parse(data.toString()) as unknown[]));
    await once(webSocket, 'open');
    stations.push(station);
  }
  connected = { url, stations };
  return stations;
}

/** Two heartbeats, two reports, four meter values, a start and a stop in ten. */
function nextCall(station: Station): [string, object] {
  const timestamp = new Date().toISOString();
  const { identity: idTag, transactionId } = station;
  switch ((station.turn += 1) % 10) {
    case 0:
    case 5:
      return ['Heartbeat', {}];
    case 1:
    case 6:
      return ['StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp }];
    case 2:
      if (transactionId === undefined)
        return ['StartTransaction', { connectorId: 1, idTag, meterStart: station.turn, timestamp }];
      return ['Heartbeat', {}];
    case 9:
      if (transactionId !== undefined)
        return ['StopTransaction', { transactionId, idTag, meterStop: station.turn + 1, timestamp }];
      return ['Heartbeat', {}];
    default:
      return ['MeterValues', { connectorId: 1, ...meterValue(transactionId, timestamp) }];
  }
}

function meterValue(transactionId: number | undefined, timestamp: string) {
  const sampledValue = [
    { value: '12345.6', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    { value: '11040', measurand: 'Power.Active.Import', unit: 'W' },
    { value: '16.0', measurand: 'Current.Import', unit: 'A', phase: 'L1' },
    { value: '230.1', measurand: 'Voltage', unit: 'V', phase: 'L1-N' },
  ];
  return {
    ...(transactionId === undefined ? {} : { transactionId }),
    meterValue: [{ timestamp, sampledValue }],
  };
}

async function run({ url, stations: count, seconds }: FleetRun): Promise<FleetResult> {
  const idle = [...(await stationsAt(url, count))];
  const times: number[] = [];
  let failed = 0;
  const end = performance.now() + seconds * 1000;

  async function callInTurn(): Promise<void> {
    while (performance.now() < end) {
      const station = idle.shift();
      if (station === undefined) return;
      const [action, payload] = nextCall(station);
      const begin = performance.now();
      const [type, , answer] = await answerTo(station, [2, `${station.turn}`, action, payload]);
      times.push(performance.now() - begin);
      if (type === 4) failed += 1;
      // An echo answers with the call itself.
      if (action === 'StartTransaction')
        station.transactionId = type === 3 ? (answer as { transactionId: number }).transactionId : 1;
      if (action === 'StopTransaction') station.transactionId = undefined;
      idle.push(station);
    }
  }

  await Promise.all(Array.from({ length: underWay }, callInTurn));
  const inOrder = times.toSorted((a, b) => a - b);
  return {
    calls: times.length,
    failed,
    p50: median(times),
    p99: inOrder[Math.floor(inOrder.length * 0.99)] ?? Number.NaN,
  };
}

function answerTo(station: Station, call: readonly unknown[]): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    station.answered = resolve;
    station.webSocket.send(JSON.stringify(call));
  });
}

process.on('message', (asked: FleetRun) => void run(asked).then((result) => process.send?.(result)));
