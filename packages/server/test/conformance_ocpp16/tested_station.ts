// A charging station as the Open Charge Alliance's test tool plays one, with an OCPP client that is not ours, and what
// the CPO API shows of it.

import type { RPCClient } from 'ocpp-rpc';
import { expect, onTestFinished } from 'vitest';
import { aChargingStation, aTenant } from '../builders.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { Caller, List, Single } from '../cpoapi/caller.ts';
import { ocppClient } from '../ocpp_client.ts';
import type { TestApp } from '../test_app.ts';

type Payload = Readonly<Record<string, unknown>>;

export type TestedStation = {
  readonly id: string;
  readonly client: RPCClient;
  /** Another client of the same identity, not connected, with this password or none. */
  readonly clientWith: (secret: { password?: string }) => RPCClient;
  /** Asks the CPO API, for all of the station's tenant. */
  readonly ask: Caller;
  /** Calls, and answers the result's payload, which the client held against the schema. */
  readonly call: (action: string, payload?: object) => Promise<Payload>;
  /** Tells a connector's status, which is answered with nothing. */
  readonly report: (connectorId: number, status: string, more?: object) => Promise<void>;
  /** Boots, and is accepted. */
  readonly boot: () => Promise<void>;
  /** Drops the connection, without a word if it is forced, and comes back. */
  readonly reconnect: () => Promise<void>;
  /** The attributes of a list of the CPO API. */
  readonly shown: (path: string) => Promise<Payload[]>;
  /** The station itself in the CPO API. */
  readonly shownStation: () => Promise<Payload>;
  /** Status and error code of a connector in the CPO API. */
  readonly shownConnector: (connectorNumber: number) => Promise<Payload | undefined>;
  /** Makes a driver token. */
  readonly token: (value: string, more?: object) => Promise<void>;
};

export const aBoot = {
  chargePointVendor: 'Vendor',
  chargePointModel: 'Model',
  chargePointSerialNumber: 'SN-1',
  firmwareVersion: '1.0',
};

/** A station of a tenant of its own, connected, and booted unless said otherwise. */
export async function aTestedStation(
  app: TestApp,
  options: {
    identity?: string;
    password?: string;
    isBooted?: boolean;
    /** 0 unless given. */
    securityProfile?: 1 | 2 | 3;
    /** Over TLS, with what the station trusts and shows. */
    tls?: { ca: string; cert?: string; key?: string };
  } = {},
): Promise<TestedStation> {
  const { isBooted = true, securityProfile = 0, tls, ...made } = options;
  const tenant = await aTenant(app.store);
  const { id, identity } = await aChargingStation(app.store, tenant.id, made);
  const ask = await aCaller(app, tenant.id);
  const changed = await ask('PUT', `/charging_stations/${id}`, { securityProfile });
  expect(changed.status, changed.text).toBe(200);
  const origin = tls === undefined ? `ws://localhost:${app.port}` : `wss://localhost:${app.tlsPort}`;
  const endpoint = `${origin}/ocpp/${tenant.slug}`;
  const clientWith = (secret: { password?: string }) => {
    const another = ocppClient({
      endpoint,
      identity,
      ...secret,
      ...(tls === undefined ? {} : { wsOpts: tls }),
    });
    onTestFinished(async () => void (await another.close({ force: true })));
    return another;
  };
  const client = clientWith(made.password === undefined ? {} : { password: made.password });
  await client.connect();

  const shown = async (path: string) =>
    (await ask('GET', path)).json<List>().data.map(({ attributes }) => attributes);
  const station: TestedStation = {
    id,
    client,
    clientWith,
    ask,
    call: async (action, payload = {}) => (await client.call(action, payload)) as Payload,
    report: async (connectorId, status, more = {}) => {
      const answer = await client.call('StatusNotification', {
        connectorId,
        status,
        errorCode: 'NoError',
        ...more,
      });
      expect(answer).toEqual({});
    },
    boot: async () => {
      const { interval, ...answer } = (await client.call('BootNotification', aBoot)) as Payload;
      const currentTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
      expect(answer).toEqual({ status: 'Accepted', currentTime });
      // The server's 300 seconds, less up to a tenth: so the heartbeats of a fleet spread.
      expect(interval).toSatisfy((seconds) => Number(seconds) >= 270 && Number(seconds) <= 300);
    },
    reconnect: async () => {
      await client.close();
      await client.connect();
    },
    shown,
    shownStation: async () => (await ask('GET', `/charging_stations/${id}`)).json<Single>().data.attributes,
    shownConnector: async (connectorNumber) => {
      const connectors = await shown(`/cp/${id}/connectors`);
      return connectors.find((each) => each['connectorNumber'] === connectorNumber);
    },
    token: async (value, more = {}) => {
      const answer = await ask('POST', '/driver_tokens', { value, companyUuid: null, ...more });
      expect(answer.status, answer.text).toBe(201);
    },
  };
  if (isBooted) await station.boot();
  return station;
}
