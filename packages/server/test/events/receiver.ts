// A receiver of webhooks that does as it is told: takes what it gets, refuses it, hangs, redirects.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { readonly id: string; readonly type: string; readonly cpId: string; readonly data: never };
};

export type Receiver = {
  readonly url: string;
  /** What it answered 2xx to, in the order in which it did. */
  readonly taken: Received[];
  readonly refused: Received[];
  /** How it answers from now on: with a status, after what it returns is there, or not at all (undefined). */
  answer: (received: Received, response: ServerResponse) => Promise<number | undefined> | number | undefined;
  /** Resolves when so many were taken in all. */
  until(count: number): Promise<Received[]>;
  /** Resolves when so many were refused in all. */
  untilRefused(count: number): Promise<Received[]>;
  close(): Promise<void>;
};

export async function aReceiver(): Promise<Receiver> {
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        event: JSON.parse(body) as Received['event'],
      };
      void Promise.resolve(receiver.answer(received, response)).then((status) => {
        (status !== undefined && status < 300 ? receiver.taken : receiver.refused).push(received);
        for (const wake of waiting) wake();
        if (status !== undefined && !response.headersSent) response.writeHead(status).end();
        return undefined;
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function many(list: readonly Received[], count: number): Promise<Received[]> {
    return new Promise((resolve) => {
      const look = () => {
        if (list.length < count) return;
        waiting.delete(look);
        resolve([...list]);
      };
      waiting.add(look);
      look();
    });
  }

  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: [],
    refused: [],
    answer: () => 204,
    until: (count) => many(receiver.taken, count),
    untilRefused: (count) => many(receiver.refused, count),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
