// The frames of OCPP-J (1.6J §4.2): reading what came in, writing what goes out. Knows no action and no schema.
// Reading never throws: whatever a station sends becomes one of the values of `Frame`.

import { isUtf8 } from 'node:buffer';
import { rpcError } from './errors.ts';
import type { RpcError, RpcErrorCode } from './errors.ts';
import { noMessageId, recoveredCall } from './message_id.ts';
import { parsedJson } from './json_text.ts';
import { namesRepeatedly } from './repeated_names.ts';

/** The station wants something done (message type 2). */
export type Call = {
  readonly kind: 'call';
  readonly messageId: string;
  readonly action: string;
  readonly payload: unknown;
  /** The frame as it was sent. */
  readonly text: string;
  /** How the frame deviates from OCPP-J, in short texts. */
  readonly deviations: readonly string[];
};

/** The station's answer to a call of ours (message type 3). */
export type CallResult = {
  readonly kind: 'call_result';
  readonly messageId: string;
  readonly payload: unknown;
};

/** The station's refusal of a call of ours (message type 4). Its code may be any string. */
export type CallError = {
  readonly kind: 'call_error';
  readonly messageId: string;
  readonly code: string;
  readonly description: string;
  readonly details: unknown;
};

/** What is to be answered with a call error under this message id. */
export type BrokenCall = {
  readonly kind: 'broken_call';
  readonly messageId: string;
  readonly error: RpcError;
};

/** What is not to be answered at all; the reason is for the log. */
export type IgnoredFrame = {
  readonly kind: 'ignored';
  readonly reason: string;
  /** Of an answer that is broken, where it can be read. */
  readonly messageId?: string;
};

export type Frame = Call | CallResult | CallError | BrokenCall | IgnoredFrame;

const messageIdLimit = 36; // characters, OCPP 1.6J §4.1.4

/**
 * Reads one WebSocket message. A byte order mark and white space around the JSON are tolerated; a payload of `null`
 * is the empty object (1.6J §4.2.1 allows both notations). Unless the station is treated strictly, so are NULs after
 * the JSON, and JSON in a binary frame.
 *
 * @returns the frame; a `broken_call` where the station can be told what is wrong; `ignored` for what nobody may
 *   answer: broken answers, and message types that are not in the specification's table (1.6J §4.1.3)
 */
export function readFrame(data: Buffer, isBinary: boolean, isStrict: boolean): Frame {
  const text = data.toString('utf8');
  // Bytes that are no UTF-8 would be replaced, and mean something else then.
  if (isBinary && (isStrict || !isUtf8(data))) {
    return brokenText(text, 'OCPP-J uses text frames (1.6J §4.1.2); this one is binary.');
  }
  const json = isStrict ? text : withoutPadding(text);
  const parsed = parsedJson(json);
  if (!parsed.isJson) return brokenText(text, 'The message is not valid JSON.');
  const message = parsed.value;
  if (!Array.isArray(message)) return broken(noMessageId, 'The message is not a JSON array.');
  const parts: readonly unknown[] = message;
  switch (parts[0]) {
    case 2: {
      const isRepeated = namesRepeatedly(json, message);
      if (isStrict && isRepeated) return broken(echoedId(parts[1]), 'An object names a member twice.');
      return readCall(parts, { text, deviations: frameDeviations(text, { json, isBinary, isRepeated }) });
    }
    case 3:
      return readCallResult(parts);
    case 4:
      return readCallError(parts);
  }
  if (typeof parts[0] === 'number') return { kind: 'ignored', reason: 'unknown message type' };
  return broken(echoedId(parts[1]), 'The message does not begin with a message type number.');
}

/** Writes a call of ours. */
export function callText(messageId: string, action: string, payload: unknown): string {
  return JSON.stringify([2, messageId, action, payload]);
}

/** Writes the answer to a call. */
export function callResultText(messageId: string, payload: unknown): string {
  return JSON.stringify([3, messageId, payload]);
}

/** Writes the refusal of a call. The details are always the empty object. */
export function callErrorText(messageId: string, error: RpcError): string {
  return JSON.stringify([4, messageId, error.code, error.description, {}]);
}

/** Takes off what C programs send of the buffer behind their text. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

const noDeviations: readonly string[] = [];

function frameDeviations(
  text: string,
  { json, isBinary, isRepeated }: { json: string; isBinary: boolean; isRepeated: boolean },
): readonly string[] {
  const startsWithMark = text.charCodeAt(0) === 0xfeff;
  if (!startsWithMark && json === text && !isBinary && !isRepeated) return noDeviations;
  return [
    ...(isBinary ? ['frame: binary, taken as text'] : []),
    ...(startsWithMark ? ['frame: a byte order mark, left out'] : []),
    ...(json === text ? [] : ['frame: NULs after the JSON, left out']),
    ...(isRepeated ? ['frame: a member named twice, the last one taken'] : []),
  ];
}

function readCall(parts: readonly unknown[], frame: Pick<Call, 'text' | 'deviations'>): Frame {
  const [, messageId, action, payload] = parts;
  if (typeof messageId !== 'string') return broken(echoedId(messageId), 'The message id is not a string.');
  if (messageId === '') return broken(noMessageId, 'The message id is empty.');
  if (messageId.length > messageIdLimit) {
    return broken(echoedId(messageId), `The message id is longer than ${messageIdLimit} characters.`);
  }
  if (parts.length < 3) return broken(messageId, 'The call has no action.', 'ProtocolError');
  if (typeof action !== 'string') return broken(messageId, 'The action is not a string.');
  if (parts.length < 4) return broken(messageId, 'The call has no payload.', 'ProtocolError');
  if (parts.length > 4) return broken(messageId, 'The call has more than four elements.');
  return { kind: 'call', messageId, action, payload: payload ?? {}, ...frame };
}

function readCallResult(parts: readonly unknown[]): Frame {
  const [, messageId, payload] = parts;
  if (typeof messageId !== 'string') return { kind: 'ignored', reason: 'broken call result' };
  if (parts.length !== 3) return { kind: 'ignored', reason: 'broken call result', messageId };
  return { kind: 'call_result', messageId, payload: payload ?? {} };
}

// Stations leave out the description or the details now and then. The code alone tells that the call failed.
function readCallError(parts: readonly unknown[]): Frame {
  const [, messageId, code, description, details = {}] = parts;
  if (typeof messageId !== 'string') return { kind: 'ignored', reason: 'broken call error' };
  if (typeof code !== 'string') return { kind: 'ignored', reason: 'broken call error', messageId };
  return {
    kind: 'call_error',
    messageId,
    code,
    description: typeof description === 'string' ? description : '',
    details,
  };
}

function brokenText(text: string, description: string): Frame {
  const beginning = recoveredCall(text);
  // Nobody answers an answer, not even a broken one: both sides could do so for ever.
  const { isAnswer, messageId } = beginning;
  if (isAnswer) return { kind: 'ignored', reason: 'broken answer', messageId };
  return broken(messageId, description);
}

function broken(
  messageId: string,
  description: string,
  code: RpcErrorCode = 'FormationViolation',
): BrokenCall {
  return { kind: 'broken_call', messageId, error: rpcError(code, description) };
}

// An id of the wrong type or length still is the only thing by which the station can find its call; an absurdly
// long one is not worth the bytes.
function echoedId(messageId: unknown): string {
  if (typeof messageId === 'number') return String(messageId);
  if (typeof messageId !== 'string' || messageId === '' || messageId.length > 255) return noMessageId;
  return messageId;
}
