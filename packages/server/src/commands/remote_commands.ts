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

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import {
  Unavailable,
  configurationTold,
  isDeclined,
  offerIn,
  uploadExpiry,
  uploadToken,
  uploadTokenHash,
  uploadedTo,
} from '../domain/index.ts';
import type {
  CommandEnd,
  CommandOrder,
  CommandOutcome,
  OrderCommand,
  OrderedCommand,
  RemoteCommand,
  StationOffer,
  StationReference,
  UploadGrant,
} from '../domain/index.ts';
import { newSecret } from '../ids.ts';
import { repeated } from '../repeated.ts';
import { topicOfEnds, topicOfOrders } from '../store/index.ts';
import type { AddedCommand, Bus, PendingCommand, Store } from '../store/index.ts';
import { awaitedEnds } from './awaited_ends.ts';

type Consequences = Omit<
  Parameters<Store['commandDelivery']['end']>[0],
  'tenantId' | 'id' | 'end' | 'at' | 'node'
>;
type Which = Pick<RemoteCommand, 'tenantId' | 'id'>;

/** The stations that are connected to this process. */
export type Stations = {
  readonly isConnected: (chargingStationId: string) => boolean;
  /** The id of the connection over which a command would be sent at once; undefined where there is none. */
  readonly freeConnectionOf: (chargingStationId: string) => string | undefined;
  /**
   * Sends a command, and answers what became of it. Never rejects.
   *
   * @param willSend asked just before the frame is written; false: it is not written
   */
  readonly execute: (
    command: RemoteCommand,
    willSend: (connectionId: string) => Promise<boolean>,
  ) => Promise<CommandOutcome>;
};

export type RemoteCommands = {
  readonly order: OrderCommand;
  /** Sends what waits for a station whose connection is durable now. */
  readonly stationConnected: (station: StationReference) => void;
  /** Lets those go who wait, when all that is under way has ended: the connections are closed first. */
  readonly close: () => Promise<void>;
};

const sweepEveryMs = 2_000;
const endTriedAgainAfterMs = 500;
const endTriedTimes = 120;

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
  const underWay = new Map<string, Promise<void>>();
  const ends = awaitedEnds({
    endedOf: (commands) => commandDelivery.endedOf(commands),
    timeOut: (command) => ended(command, { kind: 'unanswered' }),
  });

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
          deliver({ ...asked, leftMs, hasSecret: false }, isSent);
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

  /** Sends a command, unless that is under way. */
  function deliver(command: PendingCommand, isSent = false): void {
    const { id } = command;
    if (underWay.has(id)) return;
    const delivered = (isSent ? sendSent(command) : sendAndEnd(command))
      .catch((error: unknown) => log.error({ commandId: id, err: error }, 'a remote command was left'))
      .finally(() => underWay.delete(id));
    underWay.set(id, delivered);
  }

  async function sendAndEnd({ leftMs, ...command }: PendingCommand): Promise<void> {
    const deadline = new Date(clock.now().getTime() + leftMs);
    const offer = offerIn(command);
    const { parameters, grant } = withUpload(command, deadline);
    const outcome = await stations.execute({ ...command, parameters, deadline }, (connectionId) =>
      commandDelivery.claim({ ...command, deadline, node, connectionId, at: clock.now(), offer, grant }),
    );
    switch (outcome.kind) {
      case 'not_sent':
        return;
      case 'not_connected':
        return commandDelivery.passOn({ ...command, node, at: clock.now() });
      default:
        await endSurely(command, outcome, consequencesOf(command, { outcome, offer, at: clock.now() }));
    }
  }

  /** Sends what is known as sent: whatever becomes of it, nobody else will. */
  async function sendSent({ leftMs, ...command }: PendingCommand): Promise<void> {
    const deadline = new Date(clock.now().getTime() + leftMs);
    const tried = await stations.execute({ ...command, deadline }, async () => true);
    const outcome: CommandEnd =
      tried.kind === 'not_connected' || tried.kind === 'not_sent' ? { kind: 'connection_lost' } : tried;
    await endSurely(
      command,
      outcome,
      consequencesOf(command, { outcome, offer: undefined, at: clock.now() }),
    );
  }

  /** What a station answered is worth some patience. */
  async function endSurely(command: Which, end: CommandEnd, consequences: Consequences): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await ended(command, end, consequences);
        return;
      } catch (error) {
        if (!(error instanceof Unavailable) || tries === endTriedTimes) throw error;
        await delay(endTriedAgainAfterMs);
      }
    }
  }

  async function ended(
    { tenantId, id }: Which,
    end: CommandEnd,
    consequences: Consequences = {},
  ): Promise<void> {
    const at = clock.now();
    if (await commandDelivery.end({ tenantId, id, end, at, node, ...consequences })) ends.hasEnded(id);
  }

  /** @param secret the parameters, where they are not stored */
  async function deliverPending(
    asked: Parameters<typeof commandDelivery.pendingOf>[0],
    secret?: RemoteCommand['parameters'],
  ): Promise<void> {
    try {
      for (const command of await commandDelivery.pendingOf(asked)) {
        if (!command.hasSecret) deliver(command);
        else if (secret !== undefined) deliver({ ...command, parameters: secret });
      }
    } catch (error) {
      // The sweep finds them.
      log.warn({ err: error }, 'remote commands that wait could not be read');
    }
  }

  async function sweep(): Promise<void> {
    try {
      const left = await commandDelivery.sweep(node, clock.now());
      for (const command of left) deliver(command);
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
      await Promise.all(underWay.values());
      ends.close();
    },
  };
}

/** Answers what is sent of a command: where the station is to upload to us, with a URL that nobody else knows. */
function withUpload(
  { tenantId, command, parameters, uploadUrl }: Omit<RemoteCommand, 'deadline'>,
  deadline: Date,
): { readonly parameters: RemoteCommand['parameters']; readonly grant: UploadGrant | undefined } {
  if (uploadUrl === undefined) return { parameters, grant: undefined };
  const token = uploadToken(tenantId, newSecret());
  return {
    // A folder, in the words of GetDiagnostics.req: stations add the name of the file, or do not.
    parameters: uploadedTo(`${uploadUrl}/${token}/`, command, parameters),
    grant: { tokenHash: uploadTokenHash(token), expiresAt: uploadExpiry(parameters, deadline) },
  };
}

/** What else is written when a command ends. */
function consequencesOf(
  command: Omit<RemoteCommand, 'deadline'>,
  { outcome, offer, at }: { outcome: CommandEnd; offer: StationOffer | undefined; at: Date },
): Consequences {
  const told = configurationTold(command, outcome);
  return {
    configuration: told && { ...command, ...told, fetchedAt: at },
    declined: offer && isDeclined(outcome) ? { ...command, offer } : undefined,
  };
}

const parametersIn = (text: string) => JSON.parse(text) as RemoteCommand['parameters'];
