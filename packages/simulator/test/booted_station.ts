// A booted station under test, and the central system that calls it.

import { centralSystem } from './central_system.ts';
import type { ReceivedCall } from './central_system.ts';
import { startedStation } from './started_station.ts';

/** A booted station whose statuses of the boot have arrived, and what came after them. */
export async function bootedStation(
  options?: Parameters<typeof centralSystem>[0],
  overrides?: Parameters<typeof startedStation>[1],
) {
  const system = await centralSystem(options);
  const { events, station } = startedStation(system.url, overrides);
  await events.firsts(3, ({ type }) => type === 'status_reported');
  const before = system.calls.all.length;
  const peer = await system.peers.first(() => true);

  /** The first calls since the boot, in their order. */
  async function received(count: number): Promise<ReceivedCall[]> {
    return (await system.calls.firsts(before + count, () => true)).slice(before);
  }
  return {
    system,
    station,
    events,
    peer,
    call: (action: string, payload: object) => peer.call(action, payload) as Promise<Record<string, unknown>>,
    received,
    /** Action of each, with connector and status where it is of a status. */
    callsAfter: async (count: number) =>
      (await received(count)).map(({ action, payload }) =>
        action === 'StatusNotification' ? [action, payload['connectorId'], payload['status']] : [action],
      ),
  };
}

export type BootedStation = Awaited<ReturnType<typeof bootedStation>>;

const isCharging = ({ action, payload }: ReceivedCall) =>
  action === 'StatusNotification' && payload['status'] === 'Charging';

/** Starts a transaction at a connector and waits until it charges; answers its number. */
export async function chargeRemotely({ call, system }: BootedStation, more: object = {}): Promise<number> {
  const before = system.calls.all.filter(isCharging).length;
  await call('RemoteStartTransaction', { connectorId: 1, idTag: 'DRIVER', ...more });
  await system.calls.firsts(before + 1, isCharging);
  return system.calls.all.filter(({ action }) => action === 'StartTransaction').length;
}
