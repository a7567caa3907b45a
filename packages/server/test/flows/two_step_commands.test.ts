// What stations say later of remote commands, on the command itself: with a station that is not ours (`ocpp-rpc`).

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { anAccessToken, anApiClient } from '../builders.ts';
import { aBoot, aTestedStation } from '../conformance_ocpp16/tested_station.ts';
import type { TestedStation } from '../conformance_ocpp16/tested_station.ts';
import type { Single } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import { testApp } from '../test_app.ts';

type Payload = Record<string, unknown>;

const app = testApp();
const another = testApp({ node: 'another' }, app);
let station: TestedStation;

beforeEach(async () => {
  station = await aTestedStation(app);
});

/** Sends a command that the station answers so; answers the command's id. */
async function sent(command: string, action: string, body: object, answer: Payload): Promise<string> {
  station.client.handle(action, async () => answer);
  const done = await station.ask('POST', `/remote_commands/synchronous/${station.id}/${command}`, body);
  expect(done.status, done.text).toBe(200);
  return done.json<Single>().data.id;
}

const accepted = { status: 'Accepted' };
const read = async (id: string) =>
  (await station.ask('GET', `/remote_commands/${id}`)).json<Single>().data.attributes;
/** Without what is null, and without the instant. */
const told = async (id: string) =>
  ((await read(id))['notifications'] as Payload[]).map(({ at, ...notification }) => {
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    return Object.fromEntries(Object.entries(notification).filter(([, value]) => value !== null));
  });
const location = 'https://files.example.com/';

const diagnostics = (status: string) => station.call('DiagnosticsStatusNotification', { status });
const firmware = (status: string) => station.call('FirmwareStatusNotification', { status });
const statusOf = (connectorNumber: number, status: string) => ({
  action: 'StatusNotification',
  status,
  connectorNumber,
});

const log = (requestId: number) =>
  sent(
    'get_log',
    'GetLog',
    { logType: 'SecurityLog', requestId, log: { remoteLocation: location } },
    accepted,
  );

describe('notifications', () => {
  it('tell how far an upload of diagnostics is, and change the command’s version', async () => {
    const id = await sent('get_diagnostics', 'GetDiagnostics', { location }, { fileName: 'a.zip' });
    const before = await read(id);
    expect(before['notifications']).toEqual([]);
    await diagnostics('Uploading');
    await diagnostics('Uploading');
    await diagnostics('Uploaded');
    await diagnostics('Idle');
    const action = 'DiagnosticsStatusNotification';
    expect(await told(id)).toEqual([
      { action, status: 'Uploading' },
      { action, status: 'Uploaded' },
    ]);
    const after = await read(id);
    expect(String(after['updatedAt']) > String(before['updatedAt'])).toBe(true);
    expect(after['finishedAt']).toBe(before['finishedAt']);
  });

  it('are the newest command’s that has not ended', async () => {
    const first = await sent('get_diagnostics', 'GetDiagnostics', { location }, {});
    const second = await sent('get_diagnostics', 'GetDiagnostics', { location }, {});
    await diagnostics('Uploaded');
    await diagnostics('UploadFailed');
    const action = 'DiagnosticsStatusNotification';
    expect(await told(second)).toEqual([{ action, status: 'Uploaded' }]);
    expect(await told(first)).toEqual([{ action, status: 'UploadFailed' }]);
  });

  it('go on after the station came back', async () => {
    const id = await sent('update_firmware', 'UpdateFirmware', { location: `${location}1.bin` }, {});
    await firmware('Downloading');
    await firmware('Installing');
    await station.reconnect();
    await station.boot();
    await firmware('Installing');
    await firmware('Installed');
    await firmware('Downloading');
    const action = 'FirmwareStatusNotification';
    expect(await told(id)).toEqual([
      { action, status: 'Downloading' },
      { action, status: 'Installing' },
      { action, status: 'Installed' },
    ]);
  });

  it('are told apart by the id of the request', async () => {
    const [first, second] = [await log(1), await log(2)];
    await station.call('LogStatusNotification', { status: 'Uploading', requestId: 1 });
    await station.call('LogStatusNotification', { status: 'Uploaded', requestId: 2 });
    expect(await told(first)).toEqual([{ action: 'LogStatusNotification', status: 'Uploading' }]);
    expect(await told(second)).toEqual([{ action: 'LogStatusNotification', status: 'Uploaded' }]);
  });

  it('are what was triggered: one of the connector, or one of each', async () => {
    const requestedMessage = 'StatusNotification';
    const one = await sent(
      'trigger_message',
      'TriggerMessage',
      { requestedMessage, connectorId: 2 },
      accepted,
    );
    await station.report(1, 'Available');
    await station.report(2, 'Faulted', { errorCode: 'GroundFailure' });
    await station.report(2, 'Available');
    expect(await told(one)).toEqual([{ ...statusOf(2, 'Faulted'), info: 'GroundFailure' }]);
    const all = await sent('trigger_message', 'TriggerMessage', { requestedMessage }, accepted);
    await station.report(1, 'Available');
    await station.report(2, 'Preparing');
    await station.report(1, 'Preparing');
    expect(await told(all)).toEqual([statusOf(1, 'Available'), statusOf(2, 'Preparing')]);
  });

  it('are of no command that the station rejected', async () => {
    const body = { requestedMessage: 'BootNotification' };
    const id = await sent('trigger_message', 'TriggerMessage', body, { status: 'Rejected' });
    await station.call('BootNotification', aBoot);
    expect(await told(id)).toEqual([]);
  });

  it('tell the boot after a reset, also where the station left before it answered', async () => {
    station.client.handle('Reset', async () => {
      await station.client.close({ force: true });
      return accepted;
    });
    const answer = await station.ask('POST', `/remote_commands/synchronous/${station.id}/reset`, {
      type: 'Hard',
    });
    expect(answer.status).toBe(504);
    const { about } = answer.json<{ errors: [{ links: { about: string } }] }>().errors[0].links;
    const id = about.split('/').at(-1) ?? '';
    await station.client.connect();
    await station.boot();
    await station.boot();
    expect(await told(id)).toEqual([{ action: 'BootNotification', info: aBoot.firmwareVersion }]);
  });

  it('tell the transaction that began, and the one that ended', async () => {
    await station.token('CARD-1');
    const body = { idTag: 'card-1', connectorId: 1 };
    const id = await sent('remote_start_transaction', 'RemoteStartTransaction', body, accepted);
    const start = (connectorId: number, idTag: string) =>
      station.call('StartTransaction', {
        connectorId,
        idTag,
        meterStart: 10,
        timestamp: new Date().toISOString(),
      });
    await start(2, 'CARD-1');
    await start(1, 'OTHER');
    const { transactionId } = await start(1, 'CARD-1');
    expect(await told(id)).toEqual([{ action: 'StartTransaction', connectorNumber: 1, transactionId }]);
    const stop = await sent('remote_stop_transaction', 'RemoteStopTransaction', { transactionId }, accepted);
    await station.call('StopTransaction', {
      transactionId,
      meterStop: 20,
      reason: 'Remote',
      timestamp: new Date().toISOString(),
    });
    expect(await told(stop)).toEqual([{ action: 'StopTransaction', transactionId, info: 'Remote' }]);
  });

  it('tell a reservation, and its end', async () => {
    const body = {
      connectorId: 0,
      expiryDate: '2091-02-17T08:00:00.000Z',
      idTag: 'CARD-1',
      reservationId: 17,
    };
    const id = await sent('reserve_now', 'ReserveNow', body, accepted);
    await station.report(1, 'Available');
    await station.report(2, 'Reserved');
    await station.report(1, 'Preparing');
    await station.report(2, 'Available');
    await station.report(2, 'Reserved');
    expect(await told(id)).toEqual([statusOf(2, 'Reserved'), statusOf(2, 'Available')]);
  });

  it('tell when a connector is out of service', async () => {
    const body = { connectorId: 1, type: 'Inoperative' };
    const id = await sent('change_availability', 'ChangeAvailability', body, { status: 'Scheduled' });
    await station.report(1, 'Finishing');
    await station.report(1, 'Unavailable');
    expect(await told(id)).toEqual([statusOf(1, 'Unavailable')]);
  });

  it('are at most 50', async () => {
    const id = await sent('update_firmware', 'UpdateFirmware', { location: `${location}1.bin` }, {});
    for (let at = 0; at < 30; at += 1) {
      await firmware('Downloading');
      await firmware('DownloadFailed');
    }
    expect(await told(id)).toHaveLength(50);
  });

  it('come from facts of the same moment, too', async () => {
    const id = await sent('update_firmware', 'UpdateFirmware', { location: `${location}1.bin` }, {});
    const { tenant_id: tenantId, connection_id: connectionId } = (
      await app.database.look<{ tenant_id: string; connection_id: string }>(
        'select tenant_id, connection_id from station_connections where charging_station_id = $1',
        [station.id],
      )
    )[0] ?? { tenant_id: '', connection_id: '' };
    const facts = ['Downloading', 'Downloaded', 'Installing', 'Installed'].map((status) => ({
      kind: 'station_reported' as const,
      tenantId,
      chargingStationId: station.id,
      connectionId,
      report: 'firmware' as const,
      status,
      securityEvent: undefined,
      requestId: undefined,
      details: undefined,
      reason: undefined,
      certificateChain: undefined,
      toldAt: undefined,
      receivedAt: new Date(),
    }));
    await Promise.all(facts.map((fact) => app.store.stationFacts.record(fact)));
    expect((await told(id)).map(({ status }) => status)).toEqual([
      'Downloading',
      'Downloaded',
      'Installing',
      'Installed',
    ]);
  });

  it('are awaited for a bounded time', async () => {
    const id = await sent('update_firmware', 'UpdateFirmware', { location: `${location}1.bin` }, {});
    const awaited = () =>
      app.database.look('select from remote_commands where id = $1 and awaited_until is not null', [id]);
    expect(await awaited()).toHaveLength(1);
    await app.store.forgetAwaited(new Date(Date.now() + 8 * 86_400_000));
    expect(await awaited()).toHaveLength(0);
    await station.reconnect();
    await vi.waitFor(async () => expect((await station.shownStation())['connectionStatus']).toBe('online'));
    await firmware('Downloading');
    expect(await told(id)).toEqual([]);
  });
});

describe('a station that is at another server meanwhile', () => {
  it('is understood there, whoever ordered', async () => {
    station.client.handle('UpdateFirmware', async () => ({}));
    const path = `/api/cpoapi/v1/remote_commands/synchronous/${station.id}/update_firmware`;
    const [of] = await app.database.look<{ tenantId: string; slug: string; identity: string }>(
      `select t.id as "tenantId", t.slug, s.identity
       from charging_stations s join tenants t on t.id = s.tenant_id where s.id = $1`,
      [station.id],
    );
    const authorization = `Bearer ${await anAccessToken(app.origin, await anApiClient(app.store, of?.tenantId ?? ''))}`;
    const done = await another.ask(path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ location }),
    });
    expect(done.status, done.text).toBe(200);
    const { id } = done.json<Single>().data;
    await firmware('Downloading');
    const moved = ocppClient({
      endpoint: `ws://localhost:${another.port}/ocpp/${of?.slug}`,
      identity: of?.identity ?? '',
    });
    onTestFinished(async () => void (await moved.close({ force: true })));
    await moved.connect();
    await moved.call('FirmwareStatusNotification', { status: 'Installed' });
    expect((await told(id)).map(({ status }) => status)).toEqual(['Downloading', 'Installed']);
  });
});
