// Refusing an upgrade: a complete HTTP answer on the raw socket, and the end of it.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export type Refusal = {
  readonly status: 400 | 401 | 403 | 404 | 426 | 429 | 500 | 503;
  /** One sentence for the person who sets up the station. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Writes the answer and destroys the socket once it is out. A socket that is gone already is only destroyed. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${refusal.reason}\n`;
  const headers = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...refusal.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n`;
  socket.once('finish', () => socket.destroy());
  socket.end(head + body);
}
