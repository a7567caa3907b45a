// The server that a bench measures, in a process of its own: the app as it is, and on another port a static answer from
// the same framework to measure it against.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import { startApp } from '../src/app.ts';
import { systemClock } from '../src/clock.ts';
import { createHttpServer } from '../src/http_server.ts';
import { newId } from '../src/ids.ts';
import { openStore } from '../src/store/index.ts';

type Request =
  | { kind: 'start'; connection: ClientConfig; node: string }
  | { kind: 'static'; body: string }
  | { kind: 'cpu' };

export type BenchServer = {
  readonly origin: string;
  /** Serves these bytes at the URL that is answered. */
  serveStatic(body: string): Promise<string>;
  /** CPU seconds that the process has used so far. */
  cpuSeconds(): Promise<number>;
  stop(): void;
};

export async function startBenchServer(connection: ClientConfig, node = 'bench'): Promise<BenchServer> {
  const child = fork(fileURLToPath(import.meta.url), { stdio: 'inherit' });
  const ask = async (request: Request): Promise<unknown> => {
    child.send(request);
    const [answer] = (await once(child, 'message')) as [unknown];
    return answer;
  };
  const origin = (await ask({ kind: 'start', connection, node })) as string;
  return {
    origin,
    serveStatic: async (body) => (await ask({ kind: 'static', body })) as string,
    cpuSeconds: async () => (await ask({ kind: 'cpu' })) as number,
    stop: () => void child.kill('SIGKILL'),
  };
}

async function start(connection: ClientConfig, node: string): Promise<string> {
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection, log, newId, maxConnections: 10 });
  const settings = {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    stationCa: undefined,
    baseDomain: 'localhost',
    node,
    trustedProxies: [],
    clientCertificateHeader: undefined,
    publicUrl: undefined,
    largestUploadBytes: 100_000_000,
    heartbeatSeconds: 300,
    rateLimit: { requests: 1_000_000, seconds: 60 },
    webhooksToPrivateNetworks: true,
  };
  const app = await startApp({ ...settings, store, log, clock: systemClock, newId });
  return `http://127.0.0.1:${app.port}`;
}

async function serveStatic(body: string): Promise<string> {
  const server = createHttpServer({ log: pino({ level: 'silent' }), newId, trustedProxies: [] });
  server.get('/static', async (_request, reply) => {
    reply.type('application/json; charset=utf-8');
    return body;
  });
  return `${await server.listen({ host: '127.0.0.1', port: 0 })}/static`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', (request: Request) => {
    void (async () => {
      if (request.kind === 'start') process.send?.(await start(request.connection, request.node));
      if (request.kind === 'static') process.send?.(await serveStatic(request.body));
      if (request.kind === 'cpu') {
        const { user, system } = process.cpuUsage();
        process.send?.((user + system) / 1e6);
      }
    })();
  });
}
