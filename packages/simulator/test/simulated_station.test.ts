// One station against an independent central system: the rules of OCPP 1.6 §4.2, §4.6, §4.9 and of its connection.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { simulatedStationIdentity } from '../src/index.ts';
import { centralSystem } from './central_system.ts';
import { startedStation } from './started_station.ts';

const station = simulatedStationIdentity(1); // two connectors

describe('a simulated station that boots', () => {
  test('sends who it is', async () => {
    const { url, calls } = await centralSystem();
    startedStation(url);
    expect(await calls.first(() => true)).toEqual({
      identity: 'cp_1',
      action: 'BootNotification',
      payload: {
        chargePointVendor: station.vendor,
        chargePointModel: station.model,
        chargePointSerialNumber: station.serialNumber,
        firmwareVersion: station.firmwareVersion,
        iccid: station.iccid,
        imsi: station.imsi,
      },
    });
  });

  test('connects below the given path', async () => {
    const { url, peers } = await centralSystem();
    startedStation(`${url}/`, { station: { ...station, identity: 'with space/slash' } });
    const peer = await peers.first(() => true);
    expect([peer.handshake.endpoint, peer.identity]).toEqual(['/ocpp/demo', 'with space/slash']);
  });

  test('reports the station and each connector as available after the boot', async () => {
    const { url, calls } = await centralSystem();
    startedStation(url);
    const received = await calls.firsts(4, () => true);
    expect(
      received.map(({ action, payload }) => [action, payload.connectorId, payload.status, payload.errorCode]),
    ).toEqual([
      ['BootNotification', undefined, undefined, undefined],
      ['StatusNotification', 0, 'Available', 'NoError'],
      ['StatusNotification', 1, 'Available', 'NoError'],
      ['StatusNotification', 2, 'Available', 'NoError'],
    ]);
  });

  test.each(['Pending', 'Rejected'])('sends nothing but the next boot after %s', async (status) => {
    const { url, calls } = await centralSystem({
      boots: [
        { status, interval: 1 },
        { status: 'Accepted', interval: 300 },
      ],
    });
    const { events } = startedStation(url);
    await events.first(({ type }) => type === 'booted');
    expect(events.all.map(({ type }) => type)).toEqual([
      'connected',
      'call_answered',
      'boot_refused',
      'call_answered',
      'booted',
    ]);
    expect(calls.all.map(({ action }) => action)).toEqual(['BootNotification', 'BootNotification']);
  });

  test('waits as long as the refusal says', async () => {
    const { url } = await centralSystem({ boots: [{ status: 'Pending', interval: 77 }] });
    const { events } = startedStation(url);
    expect(await events.first(({ type }) => type === 'boot_refused')).toEqual({
      identity: 'cp_1',
      type: 'boot_refused',
      status: 'Pending',
      retryInMs: 77_000,
    });
  });

  test('sends a heartbeat at each interval', async () => {
    const { url, calls } = await centralSystem({ boots: [{ status: 'Accepted', interval: 1 }] });
    startedStation(url);
    await calls.first(({ action }) => action === 'StatusNotification');
    const begunAt = performance.now();
    await calls.firsts(2, ({ action }) => action === 'Heartbeat');
    const elapsedMs = performance.now() - begunAt;
    expect(elapsedMs).toBeGreaterThan(1_800);
    expect(elapsedMs).toBeLessThan(5_000);
  });
});

describe('a simulated station with a status life', () => {
  test('takes a connector through a charging', async () => {
    const { url, calls } = await centralSystem();
    startedStation(url, { hasStatusLife: true });
    const received = await calls.firsts(
      6,
      ({ action, payload }) => action === 'StatusNotification' && payload.connectorId === 1,
    );
    expect(received.map(({ payload }) => payload.status)).toEqual([
      'Available',
      'Preparing',
      'Charging',
      'Finishing',
      'Available',
      'Preparing',
    ]);
  });

  test('charges in real transactions', async () => {
    const { url, calls } = await centralSystem();
    startedStation(url, { hasStatusLife: true });
    const ofDriver = ['Authorize', 'StartTransaction', 'StopTransaction'];
    const received = await calls.firsts(3, ({ action }) => ofDriver.includes(action));
    const idTag = 'CY-0000000001-1';
    expect(received.map(({ action, payload }) => ({ action, ...payload }))).toMatchObject([
      { action: 'Authorize', idTag },
      { action: 'StartTransaction', connectorId: 1, idTag },
      { action: 'StopTransaction', transactionId: 1, idTag, reason: 'Local' },
    ]);
  });

  test('lets a driver go whose driver token is refused', async () => {
    const { url, calls } = await centralSystem({
      answering: ({ action }) => (action === 'Authorize' ? { idTagInfo: { status: 'Invalid' } } : undefined),
    });
    startedStation(url, { hasStatusLife: true });
    const received = await calls.firsts(
      4,
      ({ action, payload }) => action === 'StatusNotification' && payload.connectorId === 1,
    );
    expect(received.map(({ payload }) => payload.status)).toEqual([
      'Available',
      'Preparing',
      'Available',
      'Preparing',
    ]);
    expect(calls.all.filter(({ action }) => action === 'StartTransaction')).toEqual([]);
  });
});

describe('the connection of a simulated station', () => {
  test('comes back with its boot after the server dropped it', async () => {
    const { url, peers, calls } = await centralSystem();
    const { events } = startedStation(url, { random: () => 0.01 });
    await events.first(({ type }) => type === 'booted');
    const peer = await peers.first(() => true);
    void peer.close({ force: true });
    await calls.firsts(2, ({ action }) => action === 'BootNotification');
    expect(await events.first(({ type }) => type === 'disconnected')).toEqual({
      identity: 'cp_1',
      type: 'disconnected',
      code: 1006,
      reason: '',
      retryInMs: 10,
    });
  });

  test('waits longer with each failure and starts over after an accepted boot', async () => {
    const { url, peers } = await centralSystem({ refusals: [503, 503, 503] });
    const { events } = startedStation(url, { random: () => 0.01 });
    await events.first(({ type }) => type === 'booted');
    void (await peers.first(() => true)).close({ code: 1012 });
    await events.first(({ type }) => type === 'disconnected');
    expect(events.all.flatMap((event) => ('retryInMs' in event ? [event.retryInMs] : []))).toEqual([
      10, 20, 40, 10,
    ]);
  });

  test('carries the password as HTTP Basic', async () => {
    const { url, handshakes } = await centralSystem();
    startedStation(url, { station: { ...station, password: 'secret ü' } });
    expect(await handshakes.first(() => true)).toEqual({ identity: 'cp_1', password: 'secret ü' });
  });

  test('carries no Authorization header without a password', async () => {
    const { url, handshakes } = await centralSystem();
    startedStation(url);
    expect(await handshakes.first(() => true)).toEqual({ identity: 'cp_1', password: undefined });
  });

  test.each([401, 404])('is tried again after HTTP %i, which is told', async (httpStatus) => {
    const { url } = await centralSystem({ refusals: [httpStatus] });
    const { events } = startedStation(url);
    await events.first(({ type }) => type === 'booted');
    expect(events.all[0]).toEqual({
      identity: 'cp_1',
      type: 'connection_failed',
      httpStatus,
      reason: `the handshake was answered with HTTP ${httpStatus}`,
      retryInMs: 0,
    });
  });

  test('is tried again while nothing listens', async () => {
    const { events } = startedStation(`ws://localhost:${await unusedPort()}/ocpp/demo`);
    const [first] = await events.firsts(2, ({ type }) => type === 'connection_failed');
    expect(first).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
  });

  test('is closed by an abort', async () => {
    const { url } = await centralSystem();
    const controller = new AbortController();
    const { events } = startedStation(url, { signal: controller.signal });
    await events.first(({ type }) => type === 'booted');
    controller.abort();
    expect(await events.first(({ type }) => type === 'disconnected')).toEqual({
      identity: 'cp_1',
      type: 'disconnected',
      code: 1000,
      reason: 'the station closes',
    });
  });

  test('is not opened for a URL that is none', () => {
    expect(() => startedStation('http://localhost/ocpp/demo')).toThrow(
      '"http://localhost/ocpp/demo" is not a WebSocket URL such as ws://localhost:8080/ocpp/demo.',
    );
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
