// From an order to its end. The row in the database is the command; what is in memory only makes it faster: who waits for
// which, and what is under way. A hint that is lost, or a process that is, costs time and no command:
//
//   ordered  ──► its station is connected here: sent at once
//            ──► elsewhere: that process is told by the bus
//            ──► nowhere: a synchronous one ends, an asynchronous one waits until its deadline for the station
//   claimed  ──► by one process, durable before the frame is written: no station gets a command twice
//   ended    ──► durable before anybody is told
//
// A process that dies leaves commands that it had claimed: they end at their deadline, and are not sent again.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { offerIn } from '../domain/index.ts';
import type {
  CommandOrder,
  OrderCommand,
  OrderedCommand,
  RemoteCommand,
  StationReference,
} from '../domain/index.ts';
import { repeated } from '../repeated.ts';
import { topicOfEnds, topicOfOrders } from '../store/index.ts';
import type { AddedCommand, Bus, Store } from '../store/index.ts';
import { awaitedEnds } from './awaited_ends.ts';
import { createDelivery } from './delivery.ts';
import type { Stations } from './delivery.ts';

export type RemoteCommands = {
  readonly order: OrderCommand;
  /** Sends what waits for a station whose connection is durable now. */
  readonly stationConnected: (station: StationReference) => void;
  /** Lets those go who wait, when all that is under way has ended: the connections are closed first. */
  readonly close: () => Promise<void>;
};

const sweepEveryMs = 2_000;

export function createRemoteCommands(deps: {
  readonly store: Pick<Store, 'commandOrders' | 'commandDelivery'>;
  readonly bus: Bus;
  readonly stations: Stations;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
}): RemoteCommands {
  const { bus, stations, node, clock, log } = deps;
  const { commandOrders, commandDelivery } = deps.store;
  const ends = awaitedEnds({
    endedOf: (commands) => commandDelivery.endedOf(commands),
    timeOut: (command) => delivery.timeOut(command),
  });
  const { hasEnded } = ends;
  const delivery = createDelivery({ commandDelivery, stations, node, clock, log, hasEnded });

  async function order(asked: CommandOrder): Promise<OrderedCommand> {
    const leftMs = asked.timeoutSeconds * 1_000;
    // Its end may be told before it is told that it was added.
    const awaited = asked.isSynchronous ? ends.endOf(asked, leftMs) : undefined;
    let added: AddedCommand | undefined;
    try {
      added = await commandOrders({ ...asked, node, freeConnectionId: freeConnectionOf(asked) });
    } finally {
      if (added?.kind !== 'added' || added.state === 'failed') ends.hasEnded(asked.id);
    }
    switch (added.kind) {
      case 'known_by_now':
        return order(asked);
      case 'known':
        if (added.requestHash !== asked.idempotency?.requestHash) return { kind: 'key_reused' };
        return {
          kind: 'ordered',
          id: added.id,
          ended: asked.isSynchronous
            ? ends.endOfKnown({ tenantId: asked.tenantId, id: added.id }, leftMs)
            : Promise.resolve(),
        };
      case 'added': {
        const { id } = asked;
        const isSent = added.state === 'sent';
        if (isSent || (added.state === 'pending' && stations.isConnected(asked.chargingStationId))) {
          delivery.deliver({ ...asked, leftMs, hasSecret: false }, isSent);
        }
        return { kind: 'ordered', id, ended: awaited ?? Promise.resolve() };
      }
      default:
        return added;
    }
  }

  /** What a station is offered, and where it may upload to, is noted when the command is claimed. */
  function freeConnectionOf(asked: CommandOrder): string | undefined {
    const isNoted = offerIn(asked) !== undefined || asked.uploadUrl !== undefined;
    return isNoted ? undefined : stations.freeConnectionOf(asked.chargingStationId);
  }

  /** @param secret the parameters, where they are not stored */
  async function deliverPending(
    asked: Parameters<typeof commandDelivery.pendingOf>[0],
    secret?: RemoteCommand['parameters'],
  ): Promise<void> {
    try {
      for (const command of await commandDelivery.pendingOf(asked)) {
        if (!command.hasSecret) delivery.deliver(command);
        else if (secret !== undefined) delivery.deliver({ ...command, parameters: secret });
      }
    } catch (error) {
      // The sweep finds them.
      log.warn({ err: error }, 'remote commands that wait could not be read');
    }
  }

  async function sweep(): Promise<void> {
    try {
      const left = await commandDelivery.sweep(node, clock.now());
      for (const command of left) delivery.deliver(command);
      await ends.look();
    } catch (error) {
      log.warn({ err: error }, 'remote commands could not be looked through');
    }
  }

  const sweeps = repeated(sweepEveryMs, sweep);
  const stopListening = [
    bus.listen(topicOfOrders, (message) => {
      const [, tenantId = '', id = '', secret] = /^(\S+) (\S+)(?: (.*))?$/s.exec(message ?? '') ?? [];
      if (message === undefined) sweeps.now();
      else void deliverPending({ tenantId, id }, secret === undefined ? undefined : parametersIn(secret));
    }),
    bus.listen(topicOfEnds, (message) => {
      if (message !== undefined) ends.hasEnded(message);
    }),
  ];

  return {
    order,
    stationConnected: ({ tenantId, chargingStationId }) =>
      void deliverPending({ tenantId, chargingStationId }),
    async close() {
      for (const stop of stopListening) stop();
      await sweeps.close();
      await delivery.drained();
      ends.close();
    },
  };
}

const parametersIn = (text: string) => JSON.parse(text) as RemoteCommand['parameters'];
