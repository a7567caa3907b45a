import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { commandedGateway } from './commanded_gateway.ts';
import { aBoot, aStation, anAccess, now, testStation } from './test_gateway.ts';

const afterMs = 10_000;

/** Ten seconds later whenever it is told. */
function movableClock(): Clock & { move(): void } {
  let at = now.getTime();
  return { now: () => new Date(at), move: () => void (at += afterMs) };
}

describe('a station that comes back', () => {
  it('without a word of its connectors is asked for their statuses, once', async () => {
    const clock = movableClock();
    const server = await commandedGateway({ clock });
    const silent = await testStation(server);
    await server.connected(1);
    clock.move();
    const request = await silent.next();
    expect(request).toEqual([
      2,
      expect.any(String),
      'TriggerMessage',
      { requestedMessage: 'StatusNotification' },
    ]);
    silent.send(JSON.stringify([3, request[1], { status: 'Accepted' }]));
    const another = await testStation(server, '/ocpp/demo/open-2');
    await server.connected(2);
    clock.move();
    await another.next();
    expect(silent.received).toEqual([]);
    expect(server.callsMade()).toMatchObject([
      { action: 'TriggerMessage', answer: { payload: { status: 'Accepted' } } },
    ]);
  });

  it.each([
    ['boots', 'BootNotification', aBoot],
    ['reports', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' }],
  ])('and %s is not asked', async (_what, action, payload) => {
    const clock = movableClock();
    const server = await commandedGateway({ clock });
    const telling = await testStation(server);
    const left = await testStation(server, '/ocpp/demo/open-2');
    const silent = await testStation(server, '/ocpp/demo/open-3');
    await server.connected(3);
    await telling.call('1', action, payload);
    left.webSocket.close();
    await left.closed;
    clock.move();
    await silent.next();
    expect(telling.received).toEqual([]);
  });

  it('and cannot be asked stays connected', async () => {
    const clock = movableClock();
    const server = await commandedGateway({ clock });
    const station = await testStation(server);
    await server.connected(1);
    clock.move();
    const [, id] = await station.next();
    station.send(JSON.stringify([4, id, 'NotImplemented', '', {}]));
    expect(await station.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    expect(server.gateway.connectionOf('id-open-1')).toBeDefined();
  });
});

describe('a fleet that comes back at once', () => {
  it('is asked fifty at a time', async () => {
    const clock = movableClock();
    const fleet = 120;
    let ids = 0;
    const server = await commandedGateway({
      clock,
      newId: () => `id-${(ids += 1)}`,
      findStationAccess: async (_slug, identity) => anAccess({ station: aStation({ id: identity }) }),
    });
    const stations = await Promise.all(
      Array.from({ length: fleet }, (_, number) => testStation(server, `/ocpp/demo/fleet-${number}`)),
    );
    await server.connected(fleet);
    clock.move();
    const asked = stations.map((station) => station.next());
    await Promise.race(asked);
    expect(ids).toBe(fleet + 50);
    await Promise.all(asked);
    expect(ids).toBe(fleet + fleet);
  });
});
