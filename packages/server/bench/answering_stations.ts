// The stations of a bench of remote commands, in a process of their own: they answer every call with Accepted at once.

import { once } from 'node:events';
import { WebSocket } from 'ws';

export type AnsweringStations = { readonly urls: readonly string[]; readonly stations: number };

/** Station `at` connects to the URLs in turn. */
async function connect({ urls, stations }: AnsweringStations): Promise<void> {
  for (let at = 0; at < stations; at += 1) {
    const url = `${urls[at % urls.length]}/cp_${at + 1}`;
    const webSocket = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false });
    webSocket.on('message', (data: Buffer) => {
      const [, messageId] = JSON.parse(data.toString()) as [2, string];
      webSocket.send(JSON.stringify([3, messageId, { status: 'Accepted' }]));
    });
    await once(webSocket, 'open');
  }
}

process.on('message', (asked: AnsweringStations) => void connect(asked).then(() => process.send?.('ready')));
