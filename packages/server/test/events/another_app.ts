// Another process, as good as: an app with a store of its own on a database that another app serves, too.

import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import type { AppDeps } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { newId } from '../../src/ids.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import type { TestDatabase } from '../test_database.ts';

export type AnotherApp = { readonly store: Store; readonly port: number; close(): Promise<void> };

export async function anotherApp(
  { connection }: TestDatabase,
  overrides: Partial<AppDeps> = {},
): Promise<AnotherApp> {
  const log = pino({ level: 'silent' });
  const store = await openStore({ connection, log, newId, maxConnections: 5 });
  const app = await startApp({
    store,
    log,
    clock: systemClock,
    newId,
    host: '::',
    port: 0,
    tls: undefined,
    stationCa: undefined,
    baseDomain: 'localhost',
    node: `another ${newId()}`,
    trustedProxies: [],
    clientCertificateHeader: undefined,
    heartbeatSeconds: 300,
    rateLimit: undefined,
    webhooksToPrivateNetworks: true,
    publicUrl: undefined,
    largestUploadBytes: 3_000_000,
    ...overrides,
  });
  return {
    store,
    port: app.port,
    async close() {
      await app.close();
      await store.close();
    },
  };
}
