// A server of several processes, as its users run it: they share the port, one that dies comes back, all end together.

import { Client } from 'pg';
import type { RPCClient } from 'ocpp-rpc';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEmbeddedPostgres } from '../../src/store/index.ts';
import { anInstallation, chargeyard, isRunning, workerPids } from '../chargeyard_process.ts';
import type { ChargeyardProcess, Installation } from '../chargeyard_process.ts';
import { ocppClient } from '../ocpp_client.ts';
import { installStations } from './installed_stations.ts';

const identities = ['cp_1', 'cp_2', 'cp_3', 'cp_4'];
let installation: Installation;
let dataFolder: string;
const clients: RPCClient[] = [];

beforeEach(async () => {
  installation = await anInstallation();
  dataFolder = installation.environment['CHARGEYARD_DATA'] ?? '';
  await installStations(dataFolder, 'acme', identities);
}, 60_000);
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await installation.remove();
});

async function aServer(): Promise<ChargeyardProcess> {
  const server = chargeyard(['serve', '--workers', '2'], {
    ...installation.environment,
    CHARGEYARD_NODE: 'one',
  });
  await server.printed(/Chargeyard serves/);
  return server;
}

async function connectedFleet(): Promise<void> {
  const port = installation.environment['CHARGEYARD_PORT'];
  for (const identity of identities) {
    const client = ocppClient({ endpoint: `ws://localhost:${port}/ocpp/acme`, identity });
    clients.push(client);
    await client.connect();
    await client.call('BootNotification', { chargePointVendor: 'Vendor', chargePointModel: 'Model' });
  }
}

/** What the database says of the stations' connections, as soon as it says what is wanted. */
async function connections(wanted: readonly (string | null)[]): Promise<void> {
  const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
  const client = new Client({ ...postgres.superuserConnection, database: 'chargeyard' });
  await client.connect();
  try {
    await vi.waitFor(
      async () => {
        const { rows } = await client.query<{ node: string | null }>(
          'select case when connection_id is not null then node end as node from station_connections order by 1',
        );
        expect(rows.map(({ node }) => node)).toEqual(wanted);
      },
      { timeout: 15_000 },
    );
  } finally {
    await client.end();
    await postgres.close();
  }
}

describe('chargeyard serve --workers 2', () => {
  it('serves on one port, starts a worker again that was killed, and ends in order', async () => {
    const server = await aServer();
    await connectedFleet();
    await connections(['one/1', 'one/1', 'one/2', 'one/2']);
    expect(server.output().stderr).toMatch(/"node":"one\/2".*"msg":"station connected"/);

    process.kill(workerPids(server, 'one/1')[0] ?? 0, 'SIGKILL');
    await connections(['one/2', 'one/2', null, null]);
    await server.logged(/"worker":"one\/1","code":null,"signal":"SIGKILL"/);
    await vi.waitFor(() => expect(workerPids(server, 'one/1')).toHaveLength(2), { timeout: 20_000 });
    const ready = await fetch(`http://localhost:${installation.environment['CHARGEYARD_PORT']}/health/ready`);
    expect(await ready.json()).toEqual({ status: 'ready' });

    const pids = workerPids(server);
    server.child.kill('SIGTERM');
    expect(await server.exitCode).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    await connections([null, null, null, null]);
  }, 120_000);

  it('ends in order when all its processes get the signal at once, as Ctrl-C sends it', async () => {
    const server = await aServer();
    await connectedFleet();
    const pids = [server.child.pid ?? 0, ...workerPids(server)];
    for (const pid of pids) process.kill(pid, 'SIGINT');
    expect(await server.exitCode).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(server.output().stderr).not.toMatch(/"level":"(warn|error|fatal)"/);
  }, 120_000);

  it('leaves no worker behind when the primary is killed', async () => {
    const server = await aServer();
    await connectedFleet();
    const pids = workerPids(server);
    server.child.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), { timeout: 10_000 });

    const again = await aServer();
    await connections([null, null, null, null]);
    again.child.kill('SIGTERM');
    expect(await again.exitCode).toBe(0);
  }, 120_000);

  it('says once, in a sentence, that its port is taken', async () => {
    const other = chargeyard(['serve'], {
      ...installation.environment,
      CHARGEYARD_DATA: `${dataFolder}-other`,
    });
    await other.printed(/Chargeyard serves/);
    const refused = chargeyard(['serve', '--workers', '2'], installation.environment);
    expect(await refused.exitCode).toBe(1);
    expect(refused.output().stderr.match(/The port is taken/g)).toHaveLength(1);
    other.child.kill('SIGTERM');
    expect(await other.exitCode).toBe(0);
  }, 120_000);
});
