// What a charging station and we said to each other, as the communication log keeps it: texts of a bounded length, without
// secrets. `ocpp/` says what happened, `store/` keeps the entries.

import { isPasswordKey, passwordKey } from './configuration.ts';
import type { StationReference } from './station_fact.ts';
import { withoutUploadTokens } from './station_upload.ts';

/** What happened, as the room that saw it tells it. */
export type Communication = StationReference & Said;

/** The same without whose connection it was. */
export type Said = { readonly at: Date } & (
  | CallMade
  /** What was no call, and was answered as one that is wrong. */
  | {
      readonly kind: 'broken_frame';
      readonly messageId: string;
      readonly text: string;
      readonly error: CallRefusal;
    }
  /** What was not answered. */
  | { readonly kind: 'ignored_frame'; readonly text: string; readonly reason: string }
  | { readonly kind: 'connection_opened'; readonly ocppVersion: string }
  | { readonly kind: 'connection_closed'; readonly reason: string }
);

/** A call, with the answer that it got. */
export type CallMade = {
  readonly kind: 'call';
  readonly direction: 'from_station' | 'to_station';
  readonly action: string;
  readonly messageId: string;
  /** Undefined: it is in an earlier entry, to which this one adds a late answer. */
  readonly payload: unknown;
  /** Undefined: none came. */
  readonly answer: { readonly payload: unknown } | { readonly error: CallRefusal } | undefined;
  /** Whole milliseconds until the answer. */
  readonly latencyMs: number | undefined;
  /** Where the call was not as its specification says, and was taken all the same; a sentence each. */
  readonly deviations: readonly string[];
};

export type CallRefusal = { readonly code: string; readonly description: string };

/** An entry of the log, as it is stored: JSON as text, nothing longer than `longestText` characters. */
export type CommunicationEntry = Pick<StationReference, 'tenantId' | 'chargingStationId'> & {
  readonly connectionId?: string;
  readonly at: Date;
  readonly kind: Communication['kind'] | 'left_out';
  readonly direction?: CallMade['direction'];
  readonly action?: string;
  readonly messageId?: string;
  readonly payload?: string | undefined;
  readonly answer?: string | undefined;
  readonly errorCode?: string;
  readonly errorDescription?: string;
  readonly latencyMs?: number | undefined;
  readonly deviations?: readonly string[];
  /** What happened, where it was no call; for people. */
  readonly note?: string;
  /** Something was not as it should be. */
  readonly hasProblem: boolean;
  /** Of `payload` or `answer` there was more. */
  readonly isCut: boolean;
};

export const longestText = 16_384;
const longestName = 255;

export function communicationEntry(what: Communication): CommunicationEntry {
  const { tenantId, chargingStationId, connectionId, at, kind } = what;
  return {
    tenantId,
    chargingStationId,
    connectionId,
    at,
    kind,
    ...('text' in what ? frameFields(what) : 'action' in what ? callFields(what) : connectionFields(what)),
  };
}

/** Tells of entries of a station that could not be kept. */
export function leftOutEntry(
  { tenantId, chargingStationId }: Pick<StationReference, 'tenantId' | 'chargingStationId'>,
  { count, from, until }: { count: number; from: Date; until: Date },
): CommunicationEntry {
  const interval = `from ${from.toISOString()} to ${until.toISOString()}`;
  return {
    tenantId,
    chargingStationId,
    at: until,
    kind: 'left_out',
    note: `${count} ${count === 1 ? 'entry' : 'entries'} ${interval} could not be kept: the database was away.`,
    hasProblem: true,
    isCut: false,
  };
}

function callFields({ direction, action, messageId, payload, answer, latencyMs, deviations }: CallMade) {
  const text = payload === undefined ? undefined : jsonText(action, payload);
  const answered = answer !== undefined && 'payload' in answer ? jsonText(action, answer.payload) : undefined;
  const refusal = answer !== undefined && 'error' in answer ? answer.error : undefined;
  return {
    direction,
    action: nameText(action),
    messageId: nameText(messageId),
    payload: text && cut(text, longestText),
    answer: answered && cut(answered, longestText),
    ...(refusal && refusalFields(refusal)),
    latencyMs,
    deviations,
    hasProblem: answered === undefined || deviations.length > 0,
    isCut: (text?.length ?? 0) > longestText || (answered?.length ?? 0) > longestText,
  };
}

function frameFields(what: Extract<Communication, { readonly text: string }>) {
  const text = frameText(what.text);
  return {
    direction: 'from_station' as const,
    payload: cut(text, longestText),
    ...(what.kind === 'broken_frame'
      ? { messageId: nameText(what.messageId), ...refusalFields(what.error) }
      : { note: nameText(what.reason) }),
    hasProblem: true,
    isCut: text.length > longestText,
  };
}

const connectionFields = (what: Extract<Communication, { readonly kind: `connection_${string}` }>) => ({
  hasProblem: false,
  isCut: false,
  note: nameText(what.kind === 'connection_opened' ? what.ocppVersion : what.reason),
});

const refusalFields = ({ code, description }: CallRefusal) => ({
  errorCode: nameText(code),
  errorDescription: cut(withoutNul(description), longestText),
});

const cut = (text: string, length: number) => (text.length <= length ? text : text.slice(0, length));

/** A short text, such as a name. */
const nameText = (text: string) => withoutNul(cut(text, longestName));

/** PostgreSQL's text cannot hold it. */
const withoutNul = (text: string) => (text.includes('\0') ? text.replaceAll('\0', '\u{FFFD}') : text);

// The password is told in ChangeConfiguration, and by stations that do not know better in their answer to GetConfiguration.
const tellingActions: readonly string[] = ['ChangeConfiguration', 'GetConfiguration'];
const uploadingActions: readonly string[] = ['GetDiagnostics', 'GetLog'];
/** What is written for what nobody may be shown. */
export const withheld = '(withheld)';

function jsonText(action: string, payload: unknown): string {
  // Only in some, since it takes several times as long.
  const replacer = tellingActions.includes(action) ? withoutSecret : undefined;
  try {
    const text = JSON.stringify(payload, replacer) ?? '';
    return uploadingActions.includes(action) ? withoutUploadTokens(text) : text;
  } catch (error) {
    // A replacer recurses, and what a station sends may be nested deeper than the stack is.
    if (error instanceof RangeError) return withheld;
    throw error;
  }
}

/** For JSON.stringify: what is said of the password's key is said without its value. */
export function withoutSecret(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('value' in value)) return value;
  if (typeof value.key !== 'string' || !isPasswordKey(value.key)) return value;
  return { ...value, value: withheld };
}

/** What is not understood may hold the secret anywhere. */
function frameText(text: string): string {
  return text.toLowerCase().includes(passwordKey.toLowerCase()) ? withheld : withoutNul(text);
}
