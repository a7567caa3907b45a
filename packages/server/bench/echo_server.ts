// The least that any server of stations does: takes a frame, and sends it back. A process of its own.

import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (webSocket) =>
  webSocket.on('message', (data) => webSocket.send(data, { binary: false })),
);
server.on('listening', () => process.send?.((server.address() as AddressInfo).port));
