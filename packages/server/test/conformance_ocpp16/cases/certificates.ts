// The station's own certificate: a new one by request of the Central System, and one that the station does not take.

import { expect } from 'vitest';
import type { Authority, certificateRequests } from '../../certificates.ts';
import type { TestApp } from '../../test_app.ts';
import { aBoot, aTestedStation } from '../tested_station.ts';
import { at } from './scene.ts';
import type { Case } from './scene.ts';

export const certificateCases = (
  app: TestApp,
  authority: Authority,
  request: ReturnType<typeof certificateRequests>,
): Case[] => {
  /** A station of security profile 3 that is asked to ask for a certificate, and answers so to the one that comes. */
  async function askedForARequest(identity: string, status: 'Accepted' | 'Rejected') {
    const { cert, key } = authority.signs(`/CN=${identity}`);
    const tls = { ca: authority.cert, cert, key };
    const station = await aTestedStation(app, { identity, securityProfile: 3, tls });
    const signed = Promise.withResolvers<string>();
    station.client.handle('CertificateSigned', async ({ params }) => {
      signed.resolve((params as { certificateChain: string }).certificateChain);
      return { status };
    });
    const trigger = { requestedMessage: 'SignChargePointCertificate' };
    const answer = { status: 'Accepted' };
    const { asked } = await station.commanded('extended_trigger_message', trigger, answer);
    expect(asked).toEqual(trigger);
    const { csr, key: newKey } = request(`/O=Operator/CN=${identity}`);
    expect(await station.call('SignCertificate', { csr })).toEqual({ status: 'Accepted' });
    const chain = await signed.promise;
    expect(await station.shown('/station_reports')).toMatchObject([
      { kind: 'certificate_request', status: 'Accepted', details: csr, reason: null },
    ]);
    return { station, tls: { ...tls, cert: chain, key: newKey } };
  }

  return [
    [
      'TC_074_CSMS',
      'Update Charge Point Certificate by Request of Central System',
      async () => {
        const { station, tls } = await askedForARequest('cp_of_tc_074', 'Accepted');
        await app.database.until(
          "select 1 from remote_commands where charging_station_id = $1 and result = 'Accepted' and command = 'certificate_signed'",
          [station.id],
        );
        const [signed, trigger] = await station.shown(`/cp/${station.id}/remote_commands`);
        expect(signed).toMatchObject({
          command: 'certificate_signed',
          parameters: { certificateChain: tls.cert },
          state: 'finished',
          result: 'Accepted',
        });
        expect(trigger).toMatchObject({
          command: 'extended_trigger_message',
          notifications: [{ action: 'SignCertificate', status: 'Accepted' }],
        });
        await station.client.close();
        const renewed = station.clientWith({ tls });
        await renewed.connect();
        expect(await renewed.call('BootNotification', aBoot)).toMatchObject({ status: 'Accepted' });
        expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
      },
    ],
    [
      'TC_077_CSMS',
      'Invalid ChargePointCertificate Security Event',
      async () => {
        const { station } = await askedForARequest('cp_of_tc_077', 'Rejected');
        await app.database.until(
          "select 1 from remote_commands where charging_station_id = $1 and result = 'Rejected' and command = 'certificate_signed'",
          [station.id],
        );
        const type = 'InvalidChargePointCertificate';
        expect(await station.call('SecurityEventNotification', { type, timestamp: at(0) })).toEqual({});
        expect((await station.shown('/station_reports')).at(-1)).toMatchObject({
          kind: 'security_event',
          securityEvent: type,
        });
      },
    ],
  ];
};
