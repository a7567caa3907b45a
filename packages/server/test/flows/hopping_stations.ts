// Charging stations that go from one process of the server to another, at their own pace and when theirs dies, and write down
// every call that they get.

import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

export type HoppingStations = {
  /** By message id, how often a call came, over all stations. */
  readonly received: ReadonlyMap<string, number>;
  /** How often a station connected. */
  readonly connections: () => number;
  stop(): Promise<void>;
};

const staysUpToMs = 4_000;
const answersWithinMs = 60;

/** @param endpoints one of each process; a station goes to any of them */
export function hoppingStations(
  endpoints: readonly string[],
  identities: readonly string[],
): HoppingStations {
  const stopping = new AbortController();
  const received = new Map<string, number>();
  let connections = 0;

  async function live(identity: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const endpoint = endpoints[Math.floor(Math.random() * endpoints.length)] ?? '';
      const webSocket = new WebSocket(`${endpoint}/${identity}`, ['ocpp1.6'], { perMessageDeflate: false });
      webSocket.on('message', (data: Buffer) => void answer(webSocket, data.toString()));
      const closed = new Promise<void>((resolve) => webSocket.once('close', () => resolve()));
      webSocket.on('error', () => undefined);
      webSocket.once('open', () => (connections += 1));
      await Promise.race([
        closed,
        delay(Math.random() * staysUpToMs, undefined, { signal: stopping.signal }),
      ]).catch(() => undefined);
      // Half of them leave without a word.
      if (Math.random() < 0.5) webSocket.terminate();
      else webSocket.close();
      await Promise.race([closed, delay(100)]);
    }
  }

  async function answer(webSocket: WebSocket, text: string): Promise<void> {
    const [type, messageId] = JSON.parse(text) as [number, string];
    if (type !== 2) return;
    received.set(messageId, (received.get(messageId) ?? 0) + 1);
    await delay(Math.random() * answersWithinMs);
    if (webSocket.readyState === webSocket.OPEN) {
      webSocket.send(JSON.stringify([3, messageId, { status: 'Accepted' }]));
    }
  }

  const lives = identities.map(live);
  return {
    received,
    connections: () => connections,
    async stop() {
      stopping.abort();
      await Promise.all(lives);
    },
  };
}
