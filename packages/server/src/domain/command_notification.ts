// What a station says later of a command that it was sent: how far a download is, the transaction that was to begin, the
// boot after a reset. Which message belongs to which command is decided here; OCPP 1.6 itself names it only here and there.

import type { CommandEnd, RemoteCommand } from './remote_command.ts';
import type { StationFact, StationReported } from './station_fact.ts';

/** In the words of OCPP 1.6. */
export type CommandNotification = {
  /** By our clock. */
  readonly at: Date;
  readonly action: string;
  readonly status: string | null;
  readonly connectorNumber: number | null;
  /** Of a stop, as the station calls it. Of a start it is known when that is stored. */
  readonly transactionId: number | null;
  readonly info: string | null;
};

/** A command of which a station may still say something. */
export type AwaitedCommand = Pick<RemoteCommand, 'tenantId' | 'id' | 'command' | 'parameters'> & {
  readonly until: Date;
  /** In order; those that a file is there are left out. */
  readonly notifications: readonly Said[];
};

type Said = Pick<CommandNotification, 'action' | 'status' | 'connectorNumber'>;

/** One more notification of a command; after the last, nothing is awaited. */
export type ToldNotification = {
  readonly of: AwaitedCommand;
  readonly fact: StationFact;
  readonly notification: CommandNotification;
  readonly isLast: boolean;
};

const mostNotifications = 50;
const longestInfo = 200;
const minute = 60_000;
const day = 24 * 60 * minute;

type Parameters = RemoteCommand['parameters'];
type Tells = 'more' | 'last' | undefined;
type Following = {
  /** Milliseconds after the command's deadline, or after what its parameters name, whichever is later. */
  readonly lastsMs: number;
  readonly from?: (parameters: Parameters) => unknown;
  /** Whether the fact is about a command of these parameters of which this was said already. */
  readonly tells: (fact: StationFact, parameters: Parameters, said: readonly Said[]) => Tells;
};

const reports =
  (kinds: readonly StationReported['report'][], last: string): Following['tells'] =>
  (fact, { requestId }) => {
    if (fact.kind !== 'station_reported' || !kinds.includes(fact.report)) return undefined;
    // OCPP 1.6 §7: Idle is said only to whoever asks (TriggerMessage).
    if (fact.status === 'Idle') return undefined;
    if (requestId !== undefined && fact.requestId !== undefined && fact.requestId !== requestId)
      return undefined;
    return fact.status === last ? 'last' : 'more';
  };

const boots = ({ kind }: StationFact): Tells => (kind === 'booted' ? 'last' : undefined);

const triggered: Following = {
  lastsMs: minute,
  tells(fact, { requestedMessage, connectorId }, said) {
    const notification = notificationOf(fact);
    if (notification === undefined || !isTriggered(notification.action, requestedMessage)) return undefined;
    const { connectorNumber } = notification;
    if (connectorNumber === null) return 'last';
    if (connectorId !== undefined) return connectorNumber === connectorId ? 'last' : undefined;
    return said.some((each) => each.connectorNumber === connectorNumber) ? undefined : 'more';
  },
};

// The security extension's requests know these by the names of the messages before it.
const alsoCalled: Readonly<Record<string, string>> = {
  SignedFirmwareStatusNotification: 'FirmwareStatusNotification',
  SignCertificate: 'SignChargePointCertificate',
};
const isTriggered = (action: string, requested: unknown) =>
  action === requested || alsoCalled[action] === requested;

const following: Readonly<Record<string, Following>> = {
  get_diagnostics: { lastsMs: day, tells: reports(['diagnostics'], 'Uploaded') },
  get_log: { lastsMs: day, tells: reports(['log'], 'Uploaded') },
  update_firmware: {
    lastsMs: 7 * day,
    from: ({ retrieveDate }) => retrieveDate,
    tells: reports(['firmware'], 'Installed'),
  },
  signed_update_firmware: {
    lastsMs: 7 * day,
    from: ({ firmware }) => {
      const { installDateTime, retrieveDateTime } = firmware as Record<string, unknown>;
      return installDateTime ?? retrieveDateTime;
    },
    tells: reports(['signed_firmware'], 'Installed'),
  },
  trigger_message: triggered,
  extended_trigger_message: triggered,
  reset: { lastsMs: 60 * minute, tells: boots },
  remote_start_transaction: {
    // The driver may still have to plug in.
    lastsMs: 15 * minute,
    tells(fact, { idTag, connectorId }) {
      if (fact.kind !== 'transaction_started') return undefined;
      const isOther = connectorId !== undefined && fact.connectorNumber !== connectorId;
      return !isOther && fact.driverToken.toLowerCase() === String(idTag).toLowerCase() ? 'last' : undefined;
    },
  },
  remote_stop_transaction: {
    lastsMs: 15 * minute,
    tells: (fact, { transactionId }) =>
      fact.kind === 'transaction_stopped' && fact.reportedId === transactionId ? 'last' : undefined,
  },
  unlock_connector: {
    lastsMs: minute,
    tells: (fact) =>
      fact.kind === 'transaction_stopped' && fact.reason === 'UnlockCommand' ? 'last' : undefined,
  },
  change_availability: {
    // Scheduled: until a transaction ends.
    lastsMs: 2 * day,
    tells(fact, { connectorId, type }, said) {
      if (fact.kind !== 'connector_reported') return undefined;
      const { connectorNumber, status } = fact;
      if ((status === 'Unavailable') !== (type === 'Inoperative')) return undefined;
      if (connectorId !== 0) return connectorNumber === connectorId ? 'last' : undefined;
      return said.some((each) => each.connectorNumber === connectorNumber) ? undefined : 'more';
    },
  },
  reserve_now: {
    lastsMs: 60 * minute,
    from: ({ expiryDate }) => expiryDate,
    tells(fact, { connectorId, reservationId }, said) {
      if (fact.kind === 'transaction_started')
        return fact.reservationId === reservationId ? 'last' : undefined;
      if (fact.kind !== 'connector_reported') return undefined;
      const reserved = said.find(({ status }) => status === 'Reserved')?.connectorNumber;
      if (reserved !== undefined) {
        return fact.connectorNumber === reserved && fact.status !== 'Reserved' ? 'last' : undefined;
      }
      const isOther = connectorId !== 0 && fact.connectorNumber !== connectorId;
      return fact.status === 'Reserved' && !isOther ? 'more' : undefined;
    },
  },
};

/** Answers until when a station may say something of a command that it is sent now; undefined: it never does. */
export function awaitedUntil({
  command,
  parameters,
  deadline,
}: Pick<RemoteCommand, 'command' | 'parameters' | 'deadline'>): Date | undefined {
  // Not the table's own: a command named "constructor" must find nothing.
  const rule = Object.hasOwn(following, command) ? following[command] : undefined;
  if (rule === undefined) return undefined;
  const named = new Date(String(rule.from?.(parameters))).getTime();
  const from = Math.max(deadline.getTime(), Number.isNaN(named) ? 0 : named);
  return new Date(Math.min(from + rule.lastsMs, latest));
}
const latest = new Date('9999-01-01T00:00:00.000Z').getTime();

const goesOn: readonly (string | null)[] = [null, 'Accepted', 'AcceptedCanceled', 'Scheduled', 'Unlocked'];

/** Answers whether a station may say something of a command that ended so: also where its answer was lost. */
export const isFollowed = (end: CommandEnd): boolean =>
  end.kind === 'answered'
    ? goesOn.includes(end.result)
    : end.kind === 'unanswered' || end.kind === 'connection_lost';

/**
 * Answers what a fact tells of the commands that await something of its station: of each name, of the newest that it can be
 * about.
 *
 * @param awaited newest first
 */
export function notificationsBy(
  fact: StationFact,
  awaited: readonly AwaitedCommand[],
  now: Date,
): ToldNotification[] {
  const notification = notificationOf(fact);
  if (notification === undefined) return [];
  const told = new Map<string, ToldNotification>();
  for (const of of awaited) {
    if (told.has(of.command) || of.until <= now) continue;
    const tells = following[of.command]?.tells(fact, of.parameters, of.notifications);
    if (tells === undefined) continue;
    const isLast = tells === 'last' || of.notifications.length + 1 >= mostNotifications;
    told.set(of.command, { of, fact, notification, isLast });
  }
  // Stations say again and again that they are downloading.
  return [...told.values()].filter(({ of }) => !isSame(of.notifications.at(-1), notification));
}

const isSame = (before: Said | undefined, now: CommandNotification) =>
  before?.action === now.action &&
  before.status === now.status &&
  before.connectorNumber === now.connectorNumber;

const reportActions: Readonly<Record<StationReported['report'], string>> = {
  firmware: 'FirmwareStatusNotification',
  signed_firmware: 'SignedFirmwareStatusNotification',
  diagnostics: 'DiagnosticsStatusNotification',
  log: 'LogStatusNotification',
  security_event: 'SecurityEventNotification',
  certificate_request: 'SignCertificate',
};

/** Answers undefined for what is said of no command. */
function notificationOf(fact: StationFact): CommandNotification | undefined {
  const none = { status: null, connectorNumber: null, transactionId: null, info: null };
  switch (fact.kind) {
    case 'booted':
      return { ...none, at: fact.at, action: 'BootNotification', info: short(fact.firmwareVersion) };
    case 'connector_reported': {
      const { receivedAt: at, connectorNumber, status, errorCode } = fact;
      const info = errorCode === 'NoError' ? null : short(errorCode);
      return { ...none, at, action: 'StatusNotification', status: short(status), connectorNumber, info };
    }
    case 'transaction_started': {
      const { receivedAt: at, connectorNumber } = fact;
      return { ...none, at, action: 'StartTransaction', connectorNumber };
    }
    case 'transaction_stopped': {
      const { receivedAt: at, reportedId, reason } = fact;
      return { ...none, at, action: 'StopTransaction', transactionId: reportedId, info: short(reason) };
    }
    case 'meter_read': {
      const { receivedAt: at, connectorNumber = null } = fact;
      return { ...none, at, action: 'MeterValues', connectorNumber };
    }
    case 'station_reported': {
      const { receivedAt: at, report, status } = fact;
      return { ...none, at, action: reportActions[report], status: short(status) };
    }
    default:
      return undefined;
  }
}

const short = (text: string | undefined) => text?.slice(0, longestInfo) ?? null;
