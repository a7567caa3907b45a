// How a station connects, by its security profile.

import { expect } from 'vitest';
import type { Authority } from '../../certificates.ts';
import type { TestApp } from '../../test_app.ts';
import { aTestedStation } from '../tested_station.ts';
import type { Case } from './scene.ts';

const password = 'a-password-of-16+';

export const connectionCases = (app: TestApp, authority: Authority): Case[] => [
  [
    'TC_085_CSMS',
    'Basic Authentication - Valid username/password combination',
    async () => {
      const station = await aTestedStation(app, { securityProfile: 1, password });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online' });
    },
  ],
  [
    'TC_086_CSMS',
    'TLS - Server-side Certificate - Valid Certificate',
    async () => {
      const tls = { ca: authority.cert };
      const station = await aTestedStation(app, { securityProfile: 2, password, tls });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online', securityProfile: 2 });
    },
  ],
  [
    'TC_087_CSMS',
    'TLS - Client-side Certificate - Valid Certificate',
    async () => {
      const { cert, key } = authority.signs('/CN=cp_of_tc_087');
      const tls = { ca: authority.cert, cert, key };
      const station = await aTestedStation(app, { identity: 'cp_of_tc_087', securityProfile: 3, tls });
      expect(await station.shownStation()).toMatchObject({ connectionStatus: 'online', securityProfile: 3 });
    },
  ],
  [
    'TC_088_CSMS',
    'WebSocket Subprotocol Negotiation',
    async () => {
      const { client } = await aTestedStation(app);
      expect(client.protocol).toBe('ocpp1.6');
    },
  ],
];
