// One timer for all connections finds the half-open ones (OCPP 1.6J §5.3, RFC 6455 §5.5.2).

import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Connection } from './connection.ts';

const pingsPerTurn = 200; // so that ten thousand pings do not hold up the calls that arrive meanwhile

/** Pings every connection; ends those that have been silent since the last sweep's ping. Never rejects. */
export async function pingAll(connections: Iterable<Connection>, log: Logger): Promise<void> {
  let pinged = 0;
  for (const connection of connections) {
    const { webSocket } = connection;
    if (webSocket.readyState !== webSocket.OPEN) continue;
    // We do not read from a paused socket, so its pong cannot be seen: that is our doing, unless we wait because
    // the station does not read either.
    const couldAnswer = !webSocket.isPaused || connection.isSendBlocked;
    if (connection.isAwaitingPong && couldAnswer) {
      log.info(
        { identity: connection.admitted.identity, connectionId: connection.station.connectionId },
        'station does not answer pings',
      );
      connection.closedBecause = 'the station does not answer pings';
      webSocket.terminate();
      continue;
    }
    connection.isAwaitingPong = true;
    webSocket.ping();
    pinged += 1;
    if (pinged % pingsPerTurn === 0) await setImmediate();
  }
}
