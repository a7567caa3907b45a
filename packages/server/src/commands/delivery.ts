// A command on its way, at the process that holds the station's connection: it is sent, and what became of it is written,
// with what follows from that.

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
  CommandOutcome,
  RemoteCommand,
  StationOffer,
  UploadGrant,
} from '../domain/index.ts';
import { newSecret } from '../ids.ts';
import type { PendingCommand, Store } from '../store/index.ts';

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

const endTriedAgainAfterMs = 500;
const endTriedTimes = 120;

export function createDelivery(deps: {
  readonly commandDelivery: Store['commandDelivery'];
  readonly stations: Pick<Stations, 'execute'>;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when the end of a command is durable. */
  readonly hasEnded: (id: string) => void;
}) {
  const { commandDelivery, stations, node, clock, log } = deps;
  const underWay = new Map<string, Promise<void>>();

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
    if (await commandDelivery.end({ tenantId, id, end, at, node, ...consequences })) deps.hasEnded(id);
  }

  return {
    deliver,
    /** Ends a command whose deadline has passed. */
    timeOut: (command: Which) => ended(command, { kind: 'unanswered' }),
    /** Resolves when nothing is under way. */
    async drained(): Promise<void> {
      await Promise.all(underWay.values());
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
