// The Open Charge Alliance's test cases for a Central System of OCPP 1.6, by their ids, from the station's side: what goes
// over the wire, and what the CPO API shows of it afterwards. The cases are in cases/, by what they are about.

import { describe, expect, it } from 'vitest';
import { certificateRequests, testAuthority } from '../certificates.ts';
import { tableIn } from '../conformance.ts';
import { aClock, testApp } from '../test_app.ts';
import { certificateCases } from './cases/certificates.ts';
import { chargingCases } from './cases/charging.ts';
import { configurationCases } from './cases/configuration.ts';
import { connectionCases } from './cases/connection.ts';
import { firmwareCases } from './cases/firmware.ts';
import { remoteControlCases } from './cases/remote_control.ts';
import { reservationCases } from './cases/reservation.ts';
import { start } from './cases/scene.ts';
import { securityCases } from './cases/security.ts';
import { smartChargingCases } from './cases/smart_charging.ts';

const authority = testAuthority();
const { certificateFile, keyFile } = authority.signs('/CN=localhost');
const app = testApp({
  clock: aClock(start),
  tls: { certificateFile, keyFile, clientCaFile: authority.certificateFile, port: 0 },
  stationCa: authority,
});

const cases = [
  ...chargingCases(app),
  ...remoteControlCases(app),
  ...configurationCases(app),
  ...firmwareCases(app),
  ...reservationCases(app),
  ...smartChargingCases(app),
  ...securityCases(app, authority),
  ...certificateCases(app, authority, certificateRequests()),
  ...connectionCases(app, authority),
];

describe('the Open Charge Alliance’s test cases', () => {
  it.each(cases)('%s %s', async (_id, _name, test) => {
    expect.hasAssertions();
    await test();
  });

  it('are listed in docs/ocpp16_conformance.md, all of them', async () => {
    const told = await tableIn('ocpp16_conformance.md', 'Test cases');
    const tried = new Map(cases.map(([id, name]) => [id, name]));
    expect(new Map(told.map(([id, name]) => [id, name]))).toEqual(tried);
    expect(new Set(told.map(([, , result]) => result))).toEqual(new Set(['passes']));
    expect(new Set(told.map(([id]) => id)).size).toBe(77);
    expect(told).toHaveLength(77);
    expect(tried.size).toBe(cases.length);
    expect(told.filter(([, , , why]) => why === undefined || why === '')).toEqual([]);
  });
});
