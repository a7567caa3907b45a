// OCPP-J frames of version 1.6 (OCPP-J 1.6 §4.2): text to value and back. Knows no action.

/** The members of a call's payload, or of its answer's. */
export type Payload = Record<string, unknown>;

export type Frame =
  | { readonly kind: 'call'; readonly id: string; readonly action: string; readonly payload: Payload }
  | { readonly kind: 'call_result'; readonly id: string; readonly payload: Payload }
  | {
      readonly kind: 'call_error';
      readonly id: string;
      readonly errorCode: string;
      readonly description: string;
    };

/** Answers the frame in a WebSocket message; undefined when it is none. Never throws. */
export function parsedFrame(text: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const [kind, id, third, fourth] = value as unknown[];
  if (typeof id !== 'string') return undefined;
  if (kind === 2 && typeof third === 'string' && isPayload(fourth)) {
    return { kind: 'call', id, action: third, payload: fourth };
  }
  if (kind === 3 && isPayload(third)) return { kind: 'call_result', id, payload: third };
  if (kind === 4 && typeof third === 'string') {
    return {
      kind: 'call_error',
      id,
      errorCode: third,
      description: typeof fourth === 'string' ? fourth : '',
    };
  }
  return undefined;
}

export function callText(id: string, action: string, payload: Payload): string {
  return JSON.stringify([2, id, action, payload]);
}

export function callResultText(id: string, payload: Payload): string {
  return JSON.stringify([3, id, payload]);
}

export function callErrorText(id: string, errorCode: string, description: string): string {
  return JSON.stringify([4, id, errorCode, description, {}]);
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
