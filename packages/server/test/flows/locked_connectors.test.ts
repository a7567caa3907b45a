// Maintenance windows with lockConnectors, and what the station is told: at their start and end, whenever it comes, and once.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aTestedStation } from '../conformance_ocpp16/tested_station.ts';
import type { TestedStation } from '../conformance_ocpp16/tested_station.ts';
import { idsOf } from '../cpoapi/caller.ts';
import type { Single } from '../cpoapi/caller.ts';
import { aClock, testApp } from '../test_app.ts';

const clock = aClock();
const app = testApp({ clock, node: 'here' });
// Another process looks for what is due, too.
testApp({ clock, node: 'there' }, app);

let station: TestedStation;
let told: unknown[];
let answer: string;

beforeEach(async () => {
  station = await aTestedStation(app);
  told = [];
  answer = 'Accepted';
  station.client.handle('ChangeAvailability', async ({ params }) => {
    told.push(params);
    return { status: answer };
  });
  await station.report(1, 'Available');
});

const minute = 60_000;
const inMinutes = (minutes: number) => new Date(clock.now().getTime() + minutes * minute).toISOString();

async function aWindow(more: object = {}): Promise<string> {
  const body = { startDate: inMinutes(10), endDate: inMinutes(70), lockConnectors: true, ...more };
  const made = await station.ask('POST', `/cp/${station.id}/maintenance_windows`, body);
  expect(made.status, made.text).toBe(201);
  return made.json<Single>().data.id;
}

const closed = { connectorId: 0, type: 'Inoperative' };
const opened = { connectorId: 0, type: 'Operative' };
const expectTold = (wanted: readonly object[]) =>
  vi.waitFor(() => expect(told).toEqual(wanted), { timeout: 15_000, interval: 50 });
/** What was told is known as answered, and nothing else is to be told. */
const settled = () =>
  app.database.until(
    `select 1 where not exists (select from connector_locks where charging_station_id = '${station.id}' and command_id is not null)`,
  );

describe('a maintenance window that locks', () => {
  it('takes the station out of service when it begins, and back when it ends', async () => {
    await aWindow();
    clock.moveBy(11 * minute);
    await expectTold([closed]);
    await settled();
    clock.moveBy(60 * minute);
    await expectTold([closed, opened]);
    const commands = await station.shown('/remote_commands');
    expect(commands.map(({ command, result }) => [command, result])).toEqual([
      ['change_availability', 'Accepted'],
      ['change_availability', 'Accepted'],
    ]);
  });

  it('takes one connector, where it is of one', async () => {
    const [connectorUuid] = idsOf(await station.ask('GET', `/cp/${station.id}/connectors`));
    await aWindow({ connectorUuid });
    clock.moveBy(11 * minute);
    await expectTold([{ connectorId: 1, type: 'Inoperative' }]);
  });

  it('does nothing without lockConnectors', async () => {
    await aWindow({ lockConnectors: false });
    const id = await aWindow({ startDate: inMinutes(20) });
    clock.moveBy(11 * minute);
    clock.moveBy(10 * minute);
    await expectTold([closed]);
    await settled();
    expect((await station.ask('PUT', `/maintenance_windows/${id}`, { lockConnectors: false })).status).toBe(
      200,
    );
    await expectTold([closed, opened]);
  });

  it('is told to a station that was away when it comes back', async () => {
    await aWindow();
    await station.client.close();
    clock.moveBy(11 * minute);
    await station.client.connect();
    await expectTold([closed]);
    await settled();
    await station.client.close();
    clock.moveBy(60 * minute);
    await station.client.connect();
    await expectTold([closed, opened]);
  });

  it('is told to a station that was away during all of it: nothing', async () => {
    await aWindow();
    await station.client.close();
    clock.moveBy(71 * minute);
    await aWindow();
    await station.client.connect();
    clock.moveBy(11 * minute);
    await expectTold([closed]);
  });

  it('ends when it is deleted', async () => {
    const id = await aWindow();
    clock.moveBy(11 * minute);
    await expectTold([closed]);
    await settled();
    expect((await station.ask('DELETE', `/maintenance_windows/${id}`)).status).toBe(204);
    await expectTold([closed, opened]);
  });

  it('asks once where the station rejects it', async () => {
    answer = 'Rejected';
    await aWindow();
    clock.moveBy(11 * minute);
    await expectTold([closed]);
    await settled();
    clock.moveBy(5 * minute);
    answer = 'Accepted';
    clock.moveBy(55 * minute);
    await expectTold([closed, opened]);
  });

  it('leaves a connector alone that is out of service already', async () => {
    await station.report(1, 'Unavailable');
    const [connectorUuid] = idsOf(await station.ask('GET', `/cp/${station.id}/connectors`));
    await aWindow({ connectorUuid });
    await aWindow();
    clock.moveBy(11 * minute);
    await expectTold([closed]);
  });
});
