// Firmware updates and uploads of diagnostics: OCPP 1.6 §4.4, §4.5, §5.9, §5.19.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bootedStation } from './booted_station.ts';
import type { BootedStation } from './booted_station.ts';
import { EventLog } from './event_log.ts';

type Uploaded = { readonly method: string; readonly path: string; readonly text: string };

/** A server that takes files, and answers so, one status after the other; the last one is repeated. */
async function fileServer(...statuses: number[]) {
  const files = new EventLog<Uploaded>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      response.statusCode = statuses[Math.min(files.all.length, statuses.length - 1)] ?? 500;
      response.end();
      files.push({ method: request.method ?? '', path: request.url ?? '', text });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { files, location: `http://127.0.0.1:${(server.address() as AddressInfo).port}/files` };
}

const statusesOf = async ({ system }: BootedStation, action: string, count: number) =>
  (await system.calls.firsts(count, (call) => call.action === action)).map(
    ({ payload }) => payload['status'],
  );

describe('GetDiagnostics', () => {
  test('uploads a file, and tells so', async () => {
    const booted = await bootedStation();
    const { files, location } = await fileServer(201);
    const { fileName } = await booted.call('GetDiagnostics', { location: `${location}/?of=tenant` });
    expect(fileName).toMatch(/^diagnostics-CY-0000000001-\d+\.txt$/);
    expect(await files.first(() => true)).toEqual({
      method: 'PUT',
      path: `/files/${String(fileName)}?of=tenant`,
      text: expect.stringContaining('connector 2: Available\n') as string,
    });
    expect(await statusesOf(booted, 'DiagnosticsStatusNotification', 2)).toEqual(['Uploading', 'Uploaded']);
  });

  test('tries again as often as it is told to', async () => {
    const booted = await bootedStation();
    const { files, location } = await fileServer(503, 503, 200);
    await booted.call('GetDiagnostics', { location, retries: 2, retryInterval: 0 });
    expect(await statusesOf(booted, 'DiagnosticsStatusNotification', 2)).toEqual(['Uploading', 'Uploaded']);
    expect(files.all).toHaveLength(3);
  });

  test.each(['ftp://files.example.com/', 'http://127.0.0.1:1/'])('fails to %s', async (location) => {
    const booted = await bootedStation();
    await booted.call('GetDiagnostics', { location });
    expect(await statusesOf(booted, 'DiagnosticsStatusNotification', 2)).toEqual([
      'Uploading',
      'UploadFailed',
    ]);
  });
});

describe('UpdateFirmware', () => {
  test.each([
    ['https://files.example.com/kerb-5.0.1.bin', '5.0.1'],
    ['https://files.example.com/newest', '4.2.2'],
  ])('from %s restarts with version %s', async (location, firmwareVersion) => {
    const booted = await bootedStation();
    const now = { location, retrieveDate: new Date().toISOString() };
    expect(await booted.call('UpdateFirmware', now)).toEqual({});
    expect(await statusesOf(booted, 'FirmwareStatusNotification', 4)).toEqual([
      'Downloading',
      'Downloaded',
      'Installing',
      'Installed',
    ]);
    const boots = await booted.system.calls.firsts(2, ({ action }) => action === 'BootNotification');
    expect(boots.map(({ payload }) => payload['firmwareVersion'])).toEqual(['4.2.1', firmwareVersion]);
    const order = booted.system.calls.all.map(({ action, payload }) => payload['status'] ?? action);
    expect(order.indexOf('Installed')).toBeGreaterThan(order.lastIndexOf('BootNotification'));
  });

  test('waits for its time', async () => {
    const booted = await bootedStation();
    const retrieveDate = new Date(Date.now() + 3_600_000).toISOString();
    await booted.call('UpdateFirmware', { location: 'https://files.example.com/1.2.3', retrieveDate });
    await booted.call('TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' });
    expect(await statusesOf(booted, 'FirmwareStatusNotification', 1)).toEqual(['Idle']);
  });
});
