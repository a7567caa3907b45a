// A client of an event stream (WHATWG HTML §9.2), written against the specification: it reads, remembers the last id, and
// comes again where it is told to.

import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { base } from '../cpoapi/caller.ts';

export type Heard = { readonly id: string; readonly type: string; readonly data: string };

export type EventSource = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The response; paused, it is a slow reader. */
  readonly response: IncomingMessage;
  readonly heard: Heard[];
  /** The id after which to go on. */
  readonly lastId: () => string;
  /** Resolves when so many were heard in all; rejects when the stream ends before. */
  until(count: number): Promise<Heard[]>;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
};

export function eventSource(
  port: number,
  authorization: string,
  { query = '', lastId }: { query?: string; lastId?: string | undefined } = {},
): Promise<EventSource> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: 'localhost',
      port,
      path: `${base}/events${query}`,
      agent: false,
      headers: { authorization, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
    });
    sent.on('error', reject);
    sent.on('response', (response) => resolve(sourceOf(response)));
    sent.end();
  });
}

function sourceOf(response: IncomingMessage): EventSource {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let lastId = '';
  let idBuffer = '';
  let hasEnded = false;
  let event: { type: string; data: string[] } = { type: '', data: [] };
  const wake = () => {
    for (const each of waiting) each();
  };

  function line(text: string): void {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(text) ?? [];
    if (text === '') {
      // Not before: of an event that was cut off, the id does not count.
      lastId = idBuffer;
      if (event.data.length > 0) heard.push({ id: lastId, type: event.type, data: event.data.join('\n') });
      event = { type: '', data: [] };
    } else if (field === 'id') idBuffer = value;
    else if (field === 'event') event.type = value;
    else if (field === 'data') event.data.push(value);
  }

  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
    wake();
  });
  response.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      hasEnded = true;
      wake();
      resolve();
    });
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    response,
    heard,
    lastId: () => lastId,
    ended,
    until: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (heard.length < count && !hasEnded) return;
          waiting.delete(look);
          if (heard.length >= count) resolve(heard);
          else reject(new Error(`the stream ended after ${heard.length} of ${count} events`));
        };
        waiting.add(look);
        look();
      }),
    async close() {
      response.destroy();
      await ended;
    },
  };
}
