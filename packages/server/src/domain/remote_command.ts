// An order to a charging station, and what became of it, in words of no protocol version.

export type RemoteCommand = {
  /** A UUID. On the wire it is the message id, so that whatever happens no station takes it for two. */
  readonly id: string;
  readonly tenantId: string;
  readonly chargingStationId: string;
  /** As in contract's table of commands, such as `remote_start_transaction`. */
  readonly command: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** After this it is not sent, and its answer is not waited for. */
  readonly deadline: Date;
};

/** What became of a command that a process had for a station. */
export type CommandOutcome = CommandEnd | CommandUnsent;

/** With this a command ends. */
export type CommandEnd =
  /** `result` is the station's status word; null where the command has none. */
  | { readonly kind: 'answered'; readonly result: string | null; readonly response: object }
  /** The station's call error. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly description: string;
      readonly details: unknown;
    }
  /** The station speaks a version of OCPP that has no such command, or not with these parameters. Nothing was sent. */
  | { readonly kind: 'not_supported'; readonly detail: string }
  /** It was sent, or about to be, and no answer came until the deadline. */
  | { readonly kind: 'unanswered' }
  /** It was sent, or about to be, and the connection ended before an answer came. Whether the station obeyed is not known. */
  | { readonly kind: 'connection_lost' };

/** Nothing was sent, by this process. */
export type CommandUnsent =
  /** The station is not connected here, or was not any more when the command's turn came. */
  | { readonly kind: 'not_connected' }
  /** Its turn came after the deadline, or another process had taken it. */
  | { readonly kind: 'not_sent' };

/** A command as it is asked for. */
export type CommandOrder = Omit<RemoteCommand, 'deadline'> & {
  readonly orderedAt: Date;
  /** Seconds until the deadline. */
  readonly timeoutSeconds: number;
  /** Whoever asks waits for the end: a station that is not connected ends it at once. */
  readonly isSynchronous: boolean;
  readonly callerId: string;
  /** The same key and hash within a day mean the same command. */
  readonly idempotency: { readonly key: string; readonly requestHash: string } | undefined;
};

/** What became of an order. */
export type OrderedCommand =
  /** It is durable, as `id`: another's, where the idempotency key is known. `ended` never rejects. */
  | { readonly kind: 'ordered'; readonly id: string; readonly ended: Promise<void> }
  /** The caller has as many synchronous ones under way as it may. */
  | { readonly kind: 'too_many' }
  /** The station was deleted meanwhile. */
  | { readonly kind: 'no_station' }
  /** The idempotency key belongs to another request. */
  | { readonly kind: 'key_reused' };

/** @throws {Unavailable} */
export type OrderCommand = (order: CommandOrder) => Promise<OrderedCommand>;

/** Synchronous commands that a caller may have under way. */
export const mostParallelCommands = 10;
