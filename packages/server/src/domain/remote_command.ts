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
export type CommandOutcome =
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
  /** It was sent, and no answer came until the deadline. */
  | { readonly kind: 'unanswered' }
  /** It was sent, and the connection ended before an answer came. Whether the station obeyed is not known. */
  | { readonly kind: 'connection_lost' }
  /** The station is not connected here, or was not any more when its turn came. Nothing was sent. */
  | { readonly kind: 'not_connected' }
  /** Its turn came after the deadline, or another had taken it. Nothing was sent. */
  | { readonly kind: 'not_sent' };
