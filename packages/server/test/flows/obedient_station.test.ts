// Remote commands from the API to a simulated station, which obeys: what the commands were for comes about, and is shown.

import { simulatedStationIdentity, startStation } from '@chargeyard/simulator';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { remoteCommands } from '@chargeyard/contract/remote_commands/index';
import { aChargingStation, aTenant } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { testApp } from '../test_app.ts';

const app = testApp();
let ask: Caller;
let id: string;

beforeEach(async () => {
  const tenant = await aTenant(app.store);
  const station = await aChargingStation(app.store, tenant.id);
  ask = await aCaller(app, tenant.id);
  ({ id } = station);
  const booted = Promise.withResolvers<void>();
  const simulated = startStation({
    url: `ws://localhost:${app.port}/ocpp/${tenant.slug}`,
    station: { ...simulatedStationIdentity(1), identity: station.identity },
    hasStatusLife: false,
    random: () => 0,
    onEvent: (event) => {
      // The last connector of its boot.
      if (event.type === 'status_reported' && event.connectorNumber === 2) booted.resolve();
    },
  });
  onTestFinished(() => simulated.close());
  await booted.promise;
  await ask('POST', '/driver_tokens', { value: 'DRIVER', companyUuid: null });
});

async function send(command: string, parameters: object): Promise<Record<string, unknown>> {
  const answer = await ask('POST', `/remote_commands/synchronous/${id}/${command}`, parameters);
  expect(answer.status, answer.text).toBe(200);
  return answer.json<Single>().data.attributes;
}

const shown = async () => (await ask('GET', `/charging_stations/${id}`)).json<Single>().data.attributes;

/** The only transaction, once it is as it should be. */
const transactionThatIs = (state: 'active' | 'ended') =>
  vi.waitFor(
    async () => {
      const [transaction] = (await ask('GET', `/cp/${id}/transactions`)).json<List>().data;
      expect(transaction?.attributes).toMatchObject({ state });
      return { number: Number(transaction?.id), ...transaction?.attributes };
    },
    { timeout: 10_000 },
  );

describe('a simulated station', () => {
  it('starts and stops a transaction remotely, which is shown with what it delivers', async () => {
    await send('change_configuration', { key: 'AuthorizeRemoteTxRequests', value: 'true' });
    await send('change_configuration', { key: 'MeterValueSampleInterval', value: '1' });
    const start = await send('remote_start_transaction', { connectorId: 1, idTag: 'DRIVER' });
    expect(start).toMatchObject({ result: 'Accepted' });
    const { number, ...active } = await transactionThatIs('active');
    expect(active).toMatchObject({ driverToken: 'DRIVER', authorizationStatus: 'Accepted', flags: [] });
    await vi.waitFor(
      async () => {
        const values = (await ask('GET', `/cp/${id}/meter_values`)).json<List>().data;
        expect(values.length).toBeGreaterThanOrEqual(2);
        expect(values[0]?.attributes).toMatchObject({ connectorNumber: 1, transactionId: number });
      },
      { timeout: 10_000 },
    );
    expect(await send('remote_stop_transaction', { transactionId: number })).toMatchObject({
      result: 'Accepted',
    });
    const ended = await transactionThatIs('ended');
    expect(ended).toMatchObject({ stopReason: 'Remote', endedBy: 'station', flags: [] });
    expect(ended).toMatchObject({ energyWh: expect.toSatisfy((energy) => Number(energy) > 0) as number });
    await vi.waitFor(async () => {
      const connectors = (await ask('GET', `/cp/${id}/connectors`)).json<List>().data;
      const first = connectors.find(({ attributes }) => attributes['connectorNumber'] === 1);
      expect(first?.attributes).toMatchObject({ status: 'Available' });
    });
  });

  it('connects again with a new password, which is its own from then on', async () => {
    expect(await shown()).toMatchObject({ hasPassword: false, securityProfile: 0 });
    const change = { key: 'AuthorizationKey', value: '4f43415f4f4354545f61646d696e5f74657374' };
    expect(await send('change_configuration', change)).toMatchObject({ result: 'Accepted' });
    await vi.waitFor(
      async () =>
        expect(await shown()).toMatchObject({
          hasPassword: true,
          securityProfile: 1,
          connectionStatus: 'online',
        }),
      { timeout: 10_000 },
    );
  });

  const securityCommands = ['get_log', 'signed_update_firmware', 'extended_trigger_message'];
  const isKnown = (command: string) =>
    !securityCommands.includes(command) && !command.includes('certificate');
  const commands = Object.entries(remoteCommands).filter(([command]) => isKnown(command));

  it.each(commands)('answers %s in words that it can have', async (command, { example, results }) => {
    // Nothing of a test goes to a host of somebody else.
    const location = 'ftp://localhost/';
    const parameters = 'location' in example ? { ...example, location } : example;
    const { state, result } = await send(command, parameters);
    expect(state).toBe('finished');
    expect([...Object.keys(results), null]).toContain(result);
  });
});
