// What a station says of its transactions: in order, one after the other, and again after an error or on the next
// connection, until the central system has it (OCPP 1.6 §3.7.1 Error responses to transaction-related messages, §4.10).

import type { Configuration } from './configuration.ts';
import type { Payload } from './frames.ts';
import type { Timers } from './timers.ts';
import type { Uplink } from './uplink.ts';

export type TransactionMessage = {
  readonly action: 'StartTransaction' | 'MeterValues' | 'StopTransaction';
  /** Asked for when it is sent; undefined: there is nothing to say any more. */
  readonly payload: () => Payload | undefined;
  /** undefined: it was refused too often, and is given up. */
  readonly ended?: (answer: Payload | undefined) => void;
};

export class TransactionMessages {
  readonly #uplink: Uplink;
  readonly #configuration: Configuration;
  readonly #timers: Timers;
  readonly #waiting: TransactionMessage[] = [];
  #refusals = 0;
  #isSending = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(uplink: Uplink, configuration: Configuration, timers: Timers) {
    this.#uplink = uplink;
    this.#configuration = configuration;
    this.#timers = timers;
  }

  add(message: TransactionMessage): void {
    this.#waiting.push(message);
    if (this.#retryTimer === undefined) void this.sendAll();
  }

  /** Resolves when nothing waits. */
  drained(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** Sends what waits, as long as there is a way. Never rejects. */
  async sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#timers.cancel(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#isSending = true;
    while (this.#uplink.isOpen && this.#waiting.length > 0) {
      if (!(await this.#sendFirst())) break;
    }
    this.#isSending = false;
    if (this.#waiting.length > 0) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** @returns whether to go on at once */
  async #sendFirst(): Promise<boolean> {
    const [message] = this.#waiting;
    const payload = message?.payload();
    if (message === undefined || payload === undefined) {
      this.#waiting.shift();
      return true;
    }
    const end = await this.#uplink.call(message.action, () => payload);
    if (end.kind === 'result') {
      this.#done(message, end.payload);
      return true;
    }
    // Without an answer it waits for the next connection, or for this one to be given up.
    if (end.kind !== 'error') return end.kind === 'timed_out';
    this.#refusals += 1;
    if (this.#refusals >= this.#configuration.numberOf('TransactionMessageAttempts')) {
      this.#done(message, undefined);
      return true;
    }
    const pauseMs = this.#refusals * this.#configuration.numberOf('TransactionMessageRetryInterval') * 1000;
    this.#retryTimer = this.#timers.after(pauseMs, () => void this.sendAll());
    return false;
  }

  #done({ ended }: TransactionMessage, answer: Payload | undefined): void {
    this.#waiting.shift();
    this.#refusals = 0;
    ended?.(answer);
  }
}
