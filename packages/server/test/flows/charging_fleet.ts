// Charging stations that charge one driver after the other, and write down what they said and what was acknowledged. What
// gets no answer, or InternalError, they say again, over a new connection where the old one broke, as real ones do.

import { setTimeout as delay } from 'node:timers/promises';
import type { RPCClient } from 'ocpp-rpc';
import { ocppClient } from '../ocpp_client.ts';

/** What one station said and got acknowledged. Of its boots and reports only the newest can be looked for. */
export type Journal = {
  readonly identity: string;
  boot: string | undefined;
  report: string | undefined;
  /** By what the meter read at the start, which no other of the station has: the number it got. */
  readonly starts: Map<number, number>;
  /** By the number, what the meter read at the stop. */
  readonly stops: Map<number, number>;
  readonly readings: Set<number>;
};

export type Fleet = {
  readonly journals: readonly Journal[];
  /** Acknowledged calls so far. */
  readonly acknowledged: () => number;
  /** Resolves when so many more calls are acknowledged. */
  acknowledgedMore(count: number): Promise<void>;
  /** Says again what has no answer yet, and then nothing more. */
  stop(): Promise<void>;
};

const retryAfterMs = 50;
const firstInstant = Date.parse('2026-11-25T00:00:00.000Z');

export function chargingFleet(endpoint: string, identities: readonly string[]): Fleet {
  let count = 0;
  const stopping = new AbortController();
  const waiting: { at: number; wake: () => void }[] = [];
  const acknowledge = () => {
    count += 1;
    for (const { at, wake } of waiting) if (count >= at) wake();
  };
  const journals = identities.map((identity) => ({
    identity,
    boot: undefined,
    report: undefined,
    starts: new Map<number, number>(),
    stops: new Map<number, number>(),
    readings: new Set<number>(),
  }));

  async function charge(journal: Journal): Promise<void> {
    const say = speaker(endpoint, journal.identity, acknowledge);
    for (let turn = 1; !stopping.signal.aborted; turn += 1) {
      await chargeOnce(journal, turn, say.call);
    }
    await say.close();
  }

  const running = journals.map(charge);
  return {
    journals,
    acknowledged: () => count,
    async acknowledgedMore(more) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ at: count + more, wake: resolve });
      await promise;
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

type Say = (action: string, payload: object) => Promise<Readonly<Record<string, unknown>>>;

async function chargeOnce(journal: Journal, turn: number, say: Say): Promise<void> {
  const name = `${journal.identity}-${turn}`;
  const instant = (second: number) => new Date(firstInstant + turn * 10_000 + second * 1000).toISOString();
  const meterStart = turn * 100;
  await say('BootNotification', {
    chargePointVendor: 'Vendor',
    chargePointModel: 'Model',
    chargePointSerialNumber: name,
  });
  journal.boot = name;
  await say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', info: name });
  journal.report = name;
  const start = { connectorId: 1, idTag: 'CARD', meterStart, timestamp: instant(0) };
  const transactionId = Number((await say('StartTransaction', start))['transactionId']);
  journal.starts.set(meterStart, transactionId);
  for (const read of [1, 2]) {
    const sampledValue = [{ value: String(meterStart + read), measurand: 'Energy.Active.Import.Register' }];
    const meterValue = [{ timestamp: instant(read), sampledValue }];
    await say('MeterValues', { connectorId: 1, transactionId, meterValue });
    journal.readings.add(meterStart + read);
  }
  await say('StopTransaction', { transactionId, meterStop: meterStart + 3, timestamp: instant(3) });
  journal.stops.set(transactionId, meterStart + 3);
}

function speaker(endpoint: string, identity: string, acknowledge: () => void) {
  let client: RPCClient | undefined;
  const disconnect = async () => {
    await client?.close({ force: true }).catch(() => undefined);
    client = undefined;
  };
  const call: Say = async (action, payload) => {
    for (;;) {
      try {
        if (client === undefined) {
          client = ocppClient({ endpoint, identity });
          await client.connect();
        }
        const answer = (await client.call(action, payload)) as Readonly<Record<string, unknown>>;
        acknowledge();
        return answer;
      } catch (error) {
        const code = (error as { rpcErrorCode?: string }).rpcErrorCode;
        if (code !== undefined && code !== 'InternalError') throw error;
        if (code === undefined) await disconnect();
        await delay(retryAfterMs);
      }
    }
  };
  return { call, close: disconnect };
}
