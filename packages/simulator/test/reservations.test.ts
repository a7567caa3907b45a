// Reservations: OCPP 1.6 §5.1, §5.13.

import { describe, expect, test } from 'vitest';
import { bootedStation, chargeRemotely } from './booted_station.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const reservation = (more: object = {}) => ({
  connectorId: 1,
  idTag: 'DRIVER',
  reservationId: 17,
  expiryDate: inAnHour(),
  ...more,
});

describe('a reservation', () => {
  test('makes the connector Reserved, and its end Available', async () => {
    const { call, callsAfter } = await bootedStation();
    expect(await call('ReserveNow', reservation())).toEqual({ status: 'Accepted' });
    expect(await call('CancelReservation', { reservationId: 17 })).toEqual({ status: 'Accepted' });
    expect(await callsAfter(2)).toEqual([
      ['StatusNotification', 1, 'Reserved'],
      ['StatusNotification', 1, 'Available'],
    ]);
    expect(await call('CancelReservation', { reservationId: 17 })).toEqual({ status: 'Rejected' });
  });

  test('expires', async () => {
    const { call, callsAfter } = await bootedStation();
    const expiryDate = new Date(Date.now() + 300).toISOString();
    await call('ReserveNow', reservation({ expiryDate }));
    expect(await callsAfter(2)).toEqual([
      ['StatusNotification', 1, 'Reserved'],
      ['StatusNotification', 1, 'Available'],
    ]);
  });

  test('is for its driver alone, whose start uses it up', async () => {
    const booted = await bootedStation();
    await booted.call('ReserveNow', reservation());
    const stranger = { connectorId: 1, idTag: 'STRANGER' };
    expect(await booted.call('RemoteStartTransaction', stranger)).toEqual({ status: 'Rejected' });
    await chargeRemotely(booted, { idTag: 'driver' });
    const start = await booted.system.calls.first(({ action }) => action === 'StartTransaction');
    expect(start.payload).toMatchObject({ connectorId: 1, reservationId: 17 });
    expect(await booted.call('CancelReservation', { reservationId: 17 })).toEqual({ status: 'Rejected' });
  });

  test('is for the group of its driver, too', async () => {
    const booted = await bootedStation();
    await booted.call('ReserveNow', reservation({ parentIdTag: 'FAMILY' }));
    const info = { status: 'Accepted', parentIdTag: 'FAMILY' };
    await booted.call('SendLocalList', {
      listVersion: 1,
      updateType: 'Full',
      localAuthorizationList: [{ idTag: 'SIBLING', idTagInfo: info }],
    });
    await chargeRemotely(booted, { idTag: 'SIBLING' });
    const start = await booted.system.calls.first(({ action }) => action === 'StartTransaction');
    expect(start.payload).toMatchObject({ idTag: 'SIBLING', reservationId: 17 });
  });

  test('of the station keeps a connector that is free', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    expect(await booted.call('ReserveNow', reservation({ connectorId: 0 }))).toEqual({ status: 'Accepted' });
    const reserved = await booted.system.calls.first(({ payload }) => payload['status'] === 'Reserved');
    expect(reserved.payload['connectorId']).toBe(2);
  });

  test('with the same id takes the place of the one before', async () => {
    const { call, callsAfter } = await bootedStation();
    await call('ReserveNow', reservation());
    expect(await call('ReserveNow', reservation({ connectorId: 2 }))).toEqual({ status: 'Accepted' });
    expect((await callsAfter(3)).slice(1)).toEqual([
      ['StatusNotification', 1, 'Available'],
      ['StatusNotification', 2, 'Reserved'],
    ]);
  });

  test('is refused where the connector is in use, out of service, or not there', async () => {
    const booted = await bootedStation();
    await chargeRemotely(booted);
    expect(await booted.call('ReserveNow', reservation())).toEqual({ status: 'Occupied' });
    await booted.call('ChangeAvailability', { connectorId: 2, type: 'Inoperative' });
    const ofTwo = reservation({ connectorId: 2 });
    expect(await booted.call('ReserveNow', ofTwo)).toEqual({ status: 'Unavailable' });
    expect(await booted.call('ReserveNow', reservation({ connectorId: 9 }))).toEqual({ status: 'Rejected' });
  });
});
