// One remote command in one OCPP version: a row of a version's table.

/** The payload of a call or of its answer. */
export type Payload = Readonly<Record<string, unknown>>;

/** The two JSON schemas of the specification, and what of the call and the answer is not simply taken over. */
export type Command = {
  readonly request: object;
  readonly response: object;
  /** Makes the call's payload; without this it is the parameters as they are. It takes whatever parameters there are. */
  readonly payloadOf?: (parameters: Payload, now: Date) => Payload;
  /** The field of the answer that is the command's result; null where the answer has none. */
  readonly result: string | null;
  /** Makes the command's response of an answer that passed its schema; without this it is the whole answer. */
  readonly responseOf?: (answer: Payload) => Payload;
};

/** The rows of a version, by the command's name in contract. */
export type CommandTable = Readonly<Record<string, Command>>;
