// Broken calls, at one socket and across sockets: the server lives, its memory does not grow, and a station that behaves
// notices nothing. FRAMES asks for more than the usual few.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { anInstallation, chargeyard } from '../chargeyard_process.ts';
import type { Installation } from '../chargeyard_process.ts';
import { ocppClient } from '../ocpp_client.ts';
import { installStations } from './installed_stations.ts';
import { mutatedCalls, numbersFrom } from './mutated_calls.ts';

const frames = Number(process.env['FRAMES'] ?? 6_000);
const seed = Number(process.env['SEED'] ?? 1);
const sockets = 3;
const framesAtOnce = 50;

let installation: Installation;
beforeAll(async () => {
  installation = await anInstallation();
  const bad = Array.from({ length: sockets }, (_, at) => `bad-${at}`);
  await installStations(installation.environment['CHARGEYARD_DATA'] ?? '', 'acme', ['good', ...bad]);
});
afterAll(() => installation.remove());

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

async function aBadStation(url: string) {
  const webSocket = new WebSocket(url, ['ocpp1.6']);
  const waiting = new Map<string, () => void>();
  webSocket.on('message', (data: Buffer) => {
    const [, id] = JSON.parse(data.toString()) as [number, string];
    waiting.get(id)?.();
    waiting.delete(id);
  });
  await once(webSocket, 'open');
  return {
    webSocket,
    /** Sends frames, and a good call after them; resolves when that is answered. */
    async send(messages: readonly (string | Buffer)[], id: string) {
      const answered = new Promise<void>((resolve, reject) => {
        waiting.set(id, resolve);
        webSocket.once('close', () => reject(new Error('disconnected')));
      });
      for (const message of messages) webSocket.send(message);
      webSocket.send(JSON.stringify([2, id, 'Heartbeat', {}]));
      await answered;
      webSocket.removeAllListeners('close');
    },
  };
}

it('broken calls neither end nor fill the server, and no station suffers from another', async () => {
  const server = chargeyard(['serve'], installation.environment);
  await server.printed(/Chargeyard serves/);
  const endpoint = `ws://localhost:${installation.environment['CHARGEYARD_PORT']}/ocpp/acme`;
  const good = ocppClient({ endpoint, identity: 'good' });
  await good.connect();
  const bad = await Promise.all(
    Array.from({ length: sockets }, (_, at) => aBadStation(`${endpoint}/bad-${at}`)),
  );
  const next = mutatedCalls(numbersFrom(seed));
  const resident: number[] = [];
  for (let sent = 0; sent < frames; sent += framesAtOnce * sockets) {
    await Promise.all(
      bad.map((station) => station.send(Array.from({ length: framesAtOnce }, next), `probe-${sent}`)),
    );
    expect(await good.call('Heartbeat', {})).toMatchObject({ currentTime: expect.any(String) });
    resident.push(await residentBytes(server.child.pid ?? 0));
  }
  expect(bad.map(({ webSocket }) => webSocket.readyState)).toEqual(bad.map(() => WebSocket.OPEN));
  const faults =
    server
      .output()
      .stderr.concat(server.output().stdout)
      .match(/"level":50.*/g) ?? [];
  expect(faults.slice(0, 3)).toEqual([]);
  for (const { webSocket } of bad) webSocket.terminate();
  await good.close();
  server.child.kill('SIGTERM');
  expect(await server.exitCode).toBe(0);
  const [quarter, last] = [resident[Math.floor(resident.length / 4)], resident.at(-1)].map((bytes = 0) =>
    Math.round(bytes / 2 ** 20),
  );
  process.stdout.write(`${frames} frames; resident after a quarter ${quarter} MiB, at the end ${last} MiB\n`);
}, 3_600_000);
