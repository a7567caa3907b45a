// Posts a message to a receiver, once. What the receiver answers counts by its status alone; its body is not read, redirects
// are not followed, and the address that is connected to is the one that was checked.

import type { LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { isOfTheInternet } from './addresses.ts';
import { Unreachable, hostLookup, systemSources } from './host_lookup.ts';
import type { HostLookup } from './host_lookup.ts';

export type Message = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Outcome =
  | { readonly kind: 'taken' }
  /** `error` is for whoever made the webhook. */
  | {
      readonly kind: 'failed';
      readonly error: string;
      readonly retryAfterSeconds?: number | undefined;
      /** The receiver wants no more (RFC 9110 §15.5.11). */
      readonly isGone?: boolean;
    }
  /** Given up, because this process stops. */
  | { readonly kind: 'stopped' };

export type Sender = {
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
  close(): void;
};

export type Sending = {
  /** To any address, and by http, too. */
  readonly toPrivateNetworks: boolean;
  /** For an attempt in all. */
  readonly timeoutMs: number;
  readonly lookup?: HostLookup;
};

/** Answers why nothing may be sent to a URL, as far as it tells without a look-up; undefined where it may. */
export function whyNotTo(
  url: string,
  { toPrivateNetworks }: Pick<Sending, 'toPrivateNetworks'>,
): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol))
    return 'This is no URL of a receiver.';
  if (parsed.username !== '' || parsed.password !== '') return 'The URL must not hold a user or a password.';
  if (toPrivateNetworks) return undefined;
  if (parsed.protocol !== 'https:') return 'Only https is allowed.';
  const host = hostOf(parsed);
  return isIP(host) !== 0 && !isOfTheInternet(host) ? notAllowed : undefined;
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[(.*)\]$/, '$1');

const mostOfAnAnswer = 65_536;
// To a host, while nothing is sent. How many there are at once is not limited here, or one tenant's slow receivers would keep
// those of others on the same host waiting.
const connectionsKept = 20;
const notAllowed = 'The address is not one of the internet.';

export function createSender({
  toPrivateNetworks,
  timeoutMs,
  lookup = hostLookup(systemSources),
}: Sending): Sender {
  const isAllowed = (address: string) => toPrivateNetworks || isOfTheInternet(address);
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxFreeSockets: connectionsKept }),
    https: new HttpsAgent({ keepAlive: true, maxFreeSockets: connectionsKept }),
  };

  async function allowedAddresses(
    host: string,
    signal: AbortSignal,
  ): Promise<[LookupAddress, ...LookupAddress[]]> {
    const [first, ...others] = (await lookup(host, signal)).filter(({ address }) => isAllowed(address));
    if (first === undefined) throw new Unreachable(notAllowed);
    return [first, ...others];
  }

  const checkedLookup =
    (signal: AbortSignal): LookupFunction =>
    (host, { all }, found) =>
      void allowedAddresses(host, signal).then(
        (allowed) => (all ? found(null, allowed) : found(null, allowed[0].address, allowed[0].family)),
        (error: Error) => found(error, ''),
      );

  async function once(message: Message, signal: AbortSignal): Promise<Outcome | 'again'> {
    const url = new URL(message.url);
    const isHttps = url.protocol === 'https:';
    // What was allowed when the webhook was written need not be now.
    const why = whyNotTo(message.url, { toPrivateNetworks });
    if (why !== undefined) return failed(why);
    const timeout = AbortSignal.timeout(timeoutMs);
    const over = AbortSignal.any([signal, timeout]);
    return new Promise((resolve) => {
      const options = {
        method: 'POST',
        headers: { ...message.headers, 'content-length': Buffer.byteLength(message.body) },
        lookup: checkedLookup(over),
        signal: over,
      };
      const request = isHttps
        ? httpsRequest(url, { ...options, agent: agents.https })
        : httpRequest(url, { ...options, agent: agents.http });
      request.on('response', (response) => {
        passOver(response);
        resolve(outcomeOf(response));
      });
      request.on('error', (error) => {
        if (signal.aborted) resolve({ kind: 'stopped' });
        else if (timeout.aborted) resolve(failed(`There was no answer within ${timeoutMs / 1000} seconds.`));
        // The receiver closed a connection that was kept just when it was used.
        else if (request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET')
          resolve('again');
        else resolve(failed(reasonOf(error)));
      });
      // An answer that changes to another protocol is neither a response nor an error.
      request.on('close', () => resolve(failed('The receiver gave no answer.')));
      request.end(message.body);
    });
  }

  return {
    async send(message, signal) {
      let outcome = await once(message, signal);
      while (outcome === 'again') outcome = await once(message, signal);
      return outcome;
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const failed = (error: string): Outcome => ({ kind: 'failed', error });

/** Lets a short body go by, so that the connection can be kept; a long one ends it. */
function passOver(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostOfAnAnswer) response.destroy();
  });
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' };
  const seconds = Number(headers['retry-after']);
  return {
    kind: 'failed',
    error: `The receiver answered ${statusCode}.`,
    isGone: statusCode === 410,
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  };
}

function reasonOf(error: Error): string {
  if (error instanceof Unreachable) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return 'Nothing listens there.';
    case 'ECONNRESET':
      return 'The connection was cut.';
    default:
      return `The request failed: ${code ?? error.message}.`;
  }
}
