// A name server (RFC 1035 §4, over UDP) that answers what it is told to, or never.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type NameServer = {
  /** As resolvers are told of it. */
  readonly address: string;
  /** Of which names it was asked, in order, each as often as it was. */
  readonly asked: string[];
  /** Answers a name's IPv4 addresses, none where it has no address, undefined to stay silent. */
  answer: (name: string) => readonly string[] | undefined;
  close(): Promise<void>;
};

const headerBytes = 12;
const typeA = 1;

export async function aNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  const server: NameServer = {
    address: '',
    asked: [],
    answer: () => [],
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (query, { port, address }) => {
    const { name, end } = questionOf(query);
    server.asked.push(name);
    const addresses = server.answer(name);
    if (addresses === undefined) return;
    const isForA = query.readUInt16BE(end - 4) === typeA;
    const records = isForA ? addresses.map(recordOf) : [];
    const header = Buffer.alloc(headerBytes);
    query.copy(header, 0, 0, 2);
    // A response, recursion asked for and had; one question, so many answers.
    header.writeUInt16BE(0x81_80, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, query.subarray(headerBytes, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}` });
}

/** The name that is asked for, and where the question ends, behind its type and its class. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** The record of an address: the question's name, A, IN, not to be kept. */
function recordOf(address: string): Buffer {
  return Buffer.from([
    0xc0,
    headerBytes,
    0,
    typeA,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    4,
    ...address.split('.').map(Number),
  ]);
}
