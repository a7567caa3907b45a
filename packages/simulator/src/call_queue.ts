// Our calls on one connection: one in flight at a time (OCPP-J 1.6 §4.1.1), the others wait their turn.
// A call always ends with a value, never with an exception.

import { randomUUID } from 'node:crypto';
import { callText } from './frames.ts';
import type { Frame, Payload } from './frames.ts';

/** How a call ended. */
export type CallEnd =
  | { readonly kind: 'result'; readonly payload: Payload; readonly durationMs: number }
  | { readonly kind: 'error'; readonly errorCode: string; readonly description: string }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'connection_closed' };

type WaitingCall = {
  readonly id: string;
  readonly action: string;
  readonly payload: () => Payload;
  readonly end: (end: CallEnd) => void;
};

export class CallQueue {
  readonly #send: (text: string) => void;
  readonly #timeoutMs: number;
  readonly #waiting: WaitingCall[] = [];
  #inFlight: WaitingCall | undefined;
  #sentAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * @param send      writes one text message to the connection
   * @param timeoutMs after how long a call counts as lost and the next one is sent
   */
  constructor(send: (text: string) => void, timeoutMs: number) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether a call is in flight. */
  get isBusy(): boolean {
    return this.#inFlight !== undefined;
  }

  /**
   * Sends a call when its turn comes.
   *
   * @param payload asked for when the call is sent, so that a call that waited tells the newest state
   * @returns how it ended; never rejects
   */
  call(action: string, payload: () => Payload): Promise<CallEnd> {
    if (this.#isClosed) return Promise.resolve({ kind: 'connection_closed' });
    return new Promise((end) => {
      this.#waiting.push({ id: randomUUID(), action, payload, end });
      this.#sendNext();
    });
  }

  /** Takes an answer of the central system. One that answers no call in flight came too late and is dropped. */
  handleAnswer(frame: Exclude<Frame, { kind: 'call' }>): void {
    if (frame.id !== this.#inFlight?.id) return;
    this.#endInFlight(
      frame.kind === 'call_result'
        ? { kind: 'result', payload: frame.payload, durationMs: Math.round(performance.now() - this.#sentAt) }
        : { kind: 'error', errorCode: frame.errorCode, description: frame.description },
    );
  }

  /** Ends every call with `connection_closed`, and those that come later too. */
  close(): void {
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    this.#endInFlight({ kind: 'connection_closed' });
    for (const call of waiting) call.end({ kind: 'connection_closed' });
  }

  #sendNext(): void {
    if (this.#inFlight !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#inFlight = next;
    this.#sentAt = performance.now();
    this.#timer = setTimeout(() => this.#endInFlight({ kind: 'timed_out' }), this.#timeoutMs);
    this.#send(callText(next.id, next.action, next.payload()));
  }

  #endInFlight(end: CallEnd): void {
    clearTimeout(this.#timer);
    const call = this.#inFlight;
    this.#inFlight = undefined;
    call?.end(end);
    this.#sendNext();
  }
}
