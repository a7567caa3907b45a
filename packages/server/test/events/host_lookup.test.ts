// How hosts are found: by the hosts file, then by name servers, of which some never answer.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashedPassword } from '../../src/domain/index.ts';
import { hostLookup } from '../../src/events/host_lookup.ts';
import type { HostLookup } from '../../src/events/host_lookup.ts';
import { aChargingStation, aReport, aTenant } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { Single } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';
import { aNameServer } from './name_server.ts';
import type { NameServer } from './name_server.ts';
import { aReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

let nameServer: NameServer;
let folder: string;
let lookup: HostLookup;
const app = testApp({
  webhooksToPrivateNetworks: true,
  sending: { lookup: (host, signal) => lookup(host, signal) },
});

const never = new AbortController().signal;
const addressesOf = async (host: string) => (await lookup(host, never)).map(({ address }) => address);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chargeyard-hosts-'));
  const files = { hostsFile: join(folder, 'hosts'), resolverFile: join(folder, 'resolv.conf') };
  await writeFile(
    files.hostsFile,
    `127.0.0.1\tlocalhost # not ::1\n10.1.2.3 Billing.Internal billing\n::1 billing\n10.9.9.9 # nobody\nno-address other\n`,
  );
  await writeFile(
    files.resolverFile,
    '# search old.example\nsearch apps.example example\noptions timeout:9 ndots:2\n',
  );
  nameServer = await aNameServer();
  nameServer.answer = (name) => {
    if (name.includes('silent')) return undefined;
    return name === 'found.example' || name === 'receiver.found.example' ? ['127.0.0.1'] : [];
  };
  lookup = hostLookup({ ...files, servers: [nameServer.address] });
});
afterAll(async () => {
  await nameServer.close();
  await rm(folder, { recursive: true });
});

/** Answers for which names the name server was asked. */
async function asked(host: string): Promise<string[]> {
  nameServer.asked.splice(0);
  await lookup(host, never);
  return [...new Set(nameServer.asked)];
}

describe('a host', () => {
  it('is found in the hosts file, without regard to case, and no name server is asked', async () => {
    expect(await lookup('billing', never)).toEqual([
      { address: '10.1.2.3', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect(await addressesOf('billing.internal')).toEqual(['10.1.2.3']);
    expect(await addressesOf('localhost')).toEqual(['127.0.0.1']);
    expect(await addressesOf('any.localhost.')).toEqual(['::1', '127.0.0.1']);
    expect(nameServer.asked).toEqual([]);
  });

  it('is found within the domains of the search list: before itself where it has few dots', async () => {
    expect(await asked('found')).toEqual(['found.apps.example', 'found.example']);
    expect(await asked('found.example')).toEqual([
      'found.example.apps.example',
      'found.example.example',
      'found.example',
    ]);
    expect(await asked('receiver.found.example')).toEqual(['receiver.found.example']);
    expect(await asked('found.example.')).toEqual(['found.example']);
  });

  it('without an address is told from one whose name server is silent', async () => {
    await expect(lookup('missing.example.', never)).rejects.toThrow('The host cannot be resolved.');
    await expect(lookup(`${'x'.repeat(64)}.example.`, never)).rejects.toThrow('The host cannot be resolved.');
    await expect(lookup('silent.example.', never)).rejects.toThrow('The name servers gave no answer.');
  });

  it('is not waited for when nobody wants it any more', async () => {
    const over = new AbortController();
    nameServer.answer = ((answer) => (name: string) => {
      if (name === 'silent.at.last.example') over.abort();
      return answer(name);
    })(nameServer.answer);
    await expect(lookup('silent.at.last.example.', over.signal)).rejects.toThrow('gave no answer');
    expect(nameServer.asked.filter((name) => name === 'silent.at.last.example').length).toBeLessThan(3);
  });
});

describe('hosts whose name servers never answer', () => {
  // More than the thread pool has threads.
  const silent = Array.from({ length: 8 }, (_, at) => `silent-${at}.example.`);

  it('keep neither files nor passwords waiting', async () => {
    const over = new AbortController();
    const lookups = Promise.race(silent.map((host) => lookup(host, over.signal).catch(() => 'a look-up')));
    await vi.waitUntil(() => silent.every((host) => nameServer.asked.includes(host.slice(0, -1))), {
      interval: 1,
    });
    expect(await Promise.race([hashedPassword('correct horse battery').then(() => 'a hash'), lookups])).toBe(
      'a hash',
    );
    over.abort();
    await lookups;
  });

  it('keep no other receiver waiting', { timeout: 20_000 }, async () => {
    const receiver: Receiver = await aReceiver();
    const { port } = new URL(receiver.url);
    const { id: tenantId } = await aTenant(app.store);
    const { id: stationId } = await aChargingStation(app.store, tenantId);
    const call = await aCaller(app, tenantId);
    const webhookAt = async (host: string) => {
      const made = (await call('POST', '/webhooks', { url: `http://${host}:${port}/` })).json<Single>();
      return `/webhooks/${made.data.id}`;
    };
    const [path = ''] = await Promise.all(silent.map(webhookAt));
    await webhookAt('found.example.');
    const say = (info: string) =>
      aReport(app.store, tenantId, stationId, 1, { info, at: new Date(), receivedAt: new Date() });
    const askedBefore = nameServer.asked.length;
    await say('one');
    await vi.waitUntil(() => nameServer.asked.slice(askedBefore).some((name) => name.includes('silent')));
    await receiver.until(1);
    await say('another');
    await receiver.until(2);
    expect((await call('GET', path)).json<Single>().data.attributes).toMatchObject({ lastDeliveredAt: null });
    await vi.waitFor(
      async () =>
        expect((await call('GET', path)).json<Single>().data.attributes).toMatchObject({
          lastError: 'The name servers gave no answer.',
        }),
      { timeout: 10_000 },
    );
    await receiver.close();
  });
});
