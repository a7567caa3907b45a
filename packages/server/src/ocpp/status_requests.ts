// A station whose connection was lost, or who waited while the server restarted, comes back without a boot, and says nothing of
// connectors that did not change: what is shown of them may be old. It is asked for their statuses (OCPP 1.6 §5.17,
// TriggerMessage); one that cannot answer stays as it was.

import type { Clock } from '../clock.ts';
import type { CommandOutcome, RemoteCommand } from '../domain/index.ts';
import type { Connection } from './connection.ts';
import { isConnected } from './outgoing_calls.ts';
import type { WillSend } from './outgoing_calls.ts';

// So long a station has to boot, or to tell by itself.
const askedAfterMs = 10_000;
// A fleet that comes back at once must not be asked at once.
const askedPerTurn = 50;
const turnEveryMs = 1_000;
// Commands wait until it has answered.
const answersWithinMs = 5_000;

export type StatusRequests = {
  /** Has the station of a connection that is open now asked, unless it tells before. */
  readonly await: (connection: Connection) => void;
  readonly close: () => void;
};

export function createStatusRequests({
  clock,
  newId,
  execute,
}: {
  clock: Clock;
  newId: () => string;
  execute: (connection: Connection, command: RemoteCommand, willSend: WillSend) => Promise<CommandOutcome>;
}): StatusRequests {
  let waiting: Connection[] = [];

  function takeTurn(): void {
    const now = clock.now();
    const since = now.getTime() - askedAfterMs;
    const firstEarly = waiting.findIndex(({ openedAt }) => openedAt.getTime() > since);
    const due = firstEarly < 0 ? waiting : waiting.slice(0, firstEarly);
    const silent = due.filter((connection) => isConnected(connection) && !connection.isStateTold);
    const asked = silent.slice(0, askedPerTurn);
    waiting = [...silent.slice(askedPerTurn), ...waiting.slice(due.length)];
    for (const connection of asked) void execute(connection, statusRequest(connection, now), always);
  }

  function statusRequest({ station }: Connection, now: Date): RemoteCommand {
    const { tenantId, chargingStationId } = station;
    return {
      id: newId(),
      tenantId,
      chargingStationId,
      command: 'trigger_message',
      // Without a connector: of all.
      parameters: { requestedMessage: 'StatusNotification' },
      deadline: new Date(now.getTime() + answersWithinMs),
    };
  }

  const timer = setInterval(takeTurn, turnEveryMs);
  timer.unref();
  return {
    await: (connection) => void waiting.push(connection),
    close: () => clearInterval(timer),
  };
}

const always: WillSend = () => Promise.resolve(true);
