// Every remote command of OCPP 1.6 over the wire, with an independent client: npm ocpp-rpc in strict mode checks what we send
// and what it answers by its own schemas.

import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { remoteCommands } from '@chargeyard/contract/remote_commands/index';
import { createRPCError } from 'ocpp-rpc';
import type { RPCClient } from 'ocpp-rpc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandsOfV16 } from '../../src/ocpp/v16/remote_commands/index.ts';
import { ocppClient } from '../ocpp_client.ts';
import { commandedGateway } from './commanded_gateway.ts';
import type { CommandedGateway } from './commanded_gateway.ts';
import { now } from './test_gateway.ts';

type Payload = Readonly<Record<string, unknown>>;

/** By command: what its example is on the wire, where that is not the parameters; and an answer of a station that agrees. */
const exchanges: Readonly<
  Record<string, { sent?: Payload; answer: Payload; result: string | null; response?: Payload }>
> = {
  get_configuration: {
    sent: { key: ['HeartbeatInterval', 'MeterValueSampleInterval'] },
    answer: {
      configurationKey: [
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'Silent', readonly: true },
      ],
      unknownKey: ['MeterValueSampleInterval'],
    },
    result: null,
    response: {
      configurationKeys: [
        { key: 'HeartbeatInterval', readonly: false, value: '300' },
        { key: 'Silent', readonly: true, value: null },
      ],
      unknownKeys: ['MeterValueSampleInterval'],
    },
  },
  change_configuration: { answer: { status: 'RebootRequired' }, result: 'RebootRequired' },
  reset: { answer: { status: 'Accepted' }, result: 'Accepted' },
  remote_start_transaction: { answer: { status: 'Accepted' }, result: 'Accepted' },
  remote_stop_transaction: { answer: { status: 'Accepted' }, result: 'Accepted' },
  unlock_connector: { answer: { status: 'Unlocked' }, result: 'Unlocked' },
  change_availability: { answer: { status: 'Scheduled' }, result: 'Scheduled' },
  clear_cache: { answer: { status: 'Accepted' }, result: 'Accepted' },
  data_transfer: { answer: { status: 'Accepted', data: 'shown' }, result: 'Accepted' },
  get_diagnostics: { answer: { fileName: 'diagnostics.zip' }, result: null },
  update_firmware: { answer: {}, result: null },
  get_local_list_version: { answer: { listVersion: 12 }, result: null },
  send_local_list: { answer: { status: 'VersionMismatch' }, result: 'VersionMismatch' },
  trigger_message: { answer: { status: 'NotImplemented' }, result: 'NotImplemented' },
  reserve_now: { answer: { status: 'Occupied' }, result: 'Occupied' },
  cancel_reservation: { answer: { status: 'Accepted' }, result: 'Accepted' },
  set_charging_profile: { answer: { status: 'Accepted' }, result: 'Accepted' },
  clear_charging_profile: { answer: { status: 'Unknown' }, result: 'Unknown' },
  get_composite_schedule: {
    answer: {
      status: 'Accepted',
      connectorId: 1,
      scheduleStart: '2026-11-03T10:00:00.000Z',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.1 }],
      },
    },
    result: 'Accepted',
  },
  extended_trigger_message: { answer: { status: 'Accepted' }, result: 'Accepted' },
  get_log: { answer: { status: 'AcceptedCanceled', filename: 'log.gz' }, result: 'AcceptedCanceled' },
  signed_update_firmware: { answer: { status: 'InvalidCertificate' }, result: 'InvalidCertificate' },
  certificate_signed: { answer: { status: 'Rejected' }, result: 'Rejected' },
  install_certificate: { answer: { status: 'Accepted' }, result: 'Accepted' },
  delete_certificate: { answer: { status: 'NotFound' }, result: 'NotFound' },
  get_installed_certificate_ids: { answer: { status: 'NotFound' }, result: 'NotFound' },
};

const commands = Object.entries(remoteCommands).map(([name, declared]) => ({ name, ...declared }));

async function strictStation(server: CommandedGateway): Promise<RPCClient> {
  const endpoint = `ws://127.0.0.1:${server.port}/ocpp/demo`;
  const client = ocppClient({ endpoint, identity: 'open-1' });
  onTestFinished(async () => void (await client.close({ force: true })));
  await client.connect();
  await server.connected();
  return client;
}

describe('the table of commands', () => {
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));

  it('has a row of this version for each command that the contract has in it', () => {
    const named = commands.filter(({ actions }) => actions['1.6'] !== undefined).map(({ name }) => name);
    expect(Object.keys(commandsOfV16).toSorted()).toEqual(named.toSorted());
    expect(Object.keys(exchanges).toSorted()).toEqual(named.toSorted());
    expect(named).toHaveLength(26);
  });

  it.each(commands)('$name has an example that keeps to its parameters', ({ parameters, example }) => {
    const isValid = ajv.compile(parameters);
    isValid(example);
    expect(isValid.errors).toBeNull();
    expect(isValid({ ...example, mistyped: 1 })).toBe(false);
  });

  it.each(commands)('$name tells what each status word of its answer means', ({ name, results }) => {
    const response = commandsOfV16[name]?.response as {
      properties?: { status?: { enum?: string[]; $ref?: string } };
      definitions?: Record<string, { enum?: string[] }>;
    };
    const { enum: words, $ref } = response.properties?.status ?? {};
    const known = words ?? response.definitions?.[$ref?.split('/').at(-1) ?? '']?.enum ?? [];
    expect(Object.keys(results).toSorted()).toEqual(known.toSorted());
  });
});

describe('OCPP 1.6 with ocpp-rpc in strict mode', () => {
  it.each(commands)('$name is sent, and its answer understood', async ({ name, actions, example }) => {
    const server = await commandedGateway();
    const client = await strictStation(server);
    const { sent = example, answer, result, response = answer } = exchanges[name] ?? { answer: {} };
    const received: unknown[] = [];
    client.handle(String(actions['1.6']), async ({ params }) => {
      received.push(params);
      return answer;
    });
    expect(await server.execute({ command: name, parameters: example })).toEqual({
      kind: 'answered',
      result,
      response,
    });
    expect(received).toEqual([sent]);
    expect(server.callsMade()).toMatchObject([
      { action: actions['1.6'], payload: sent, answer: { payload: answer }, latencyMs: 0, deviations: [] },
    ]);
  });

  it.each(commands)(
    '$name is told as refused where a station does not have it',
    async ({ name, example }) => {
      const server = await commandedGateway();
      await strictStation(server);
      expect(await server.execute({ command: name, parameters: example })).toMatchObject({
        kind: 'refused',
        code: 'NotImplemented',
      });
      expect(server.callsMade()).toMatchObject([{ answer: { error: { code: 'NotImplemented' } } }]);
    },
  );

  it('tells the call error of a station with its details', async () => {
    const server = await commandedGateway();
    const client = await strictStation(server);
    client.handle('Reset', () => {
      throw createRPCError('SecurityError', 'Not by you.', { reason: 'locked' }) as Error;
    });
    expect(await server.execute({ command: 'reset', parameters: { type: 'Hard' } })).toEqual({
      kind: 'refused',
      code: 'SecurityError',
      description: 'Not by you.',
      details: { reason: 'locked' },
    });
  });

  it('goes on while the station calls', async () => {
    const server = await commandedGateway();
    const client = await strictStation(server);
    client.handle('ClearCache', async () => {
      await client.call('Heartbeat', {});
      return { status: 'Accepted' };
    });
    expect(await server.execute({ command: 'clear_cache' })).toMatchObject({ result: 'Accepted' });
  });

  it('takes an answer of 500 configuration keys', async () => {
    const server = await commandedGateway({ maxFrameBytes: 262_144 });
    const client = await strictStation(server);
    const configurationKey = Array.from({ length: 500 }, (_, n) => ({
      key: `Key${n}`,
      readonly: true,
      value: 'x'.repeat(100),
    }));
    client.handle('GetConfiguration', async ({ params }) => {
      expect(params).toEqual({});
      return { configurationKey };
    });
    expect(await server.execute({ command: 'get_configuration' })).toEqual({
      kind: 'answered',
      result: null,
      response: { configurationKeys: configurationKey, unknownKeys: [] },
    });
  });
});

describe('the wording', () => {
  it.each([
    ['get_configuration', { key: ['A'], keys: ['B', 'A'] }, { key: ['B', 'A'] }],
    ['get_configuration', { keys: [] }, {}],
    [
      'update_firmware',
      { location: 'https://a.example/f' },
      { location: 'https://a.example/f', retrieveDate: now.toISOString() },
    ],
    [
      'signed_update_firmware',
      {
        requestId: 1,
        firmware: { location: 'https://a.example/f', signingCertificate: 'c', signature: 's' },
      },
      {
        requestId: 1,
        firmware: {
          location: 'https://a.example/f',
          signingCertificate: 'c',
          signature: 's',
          retrieveDateTime: now.toISOString(),
        },
      },
    ],
    [
      'reserve_now',
      { connectorId: 1, expiryDate: '2026-11-03T12:00:00+01:00', idTag: 'A', reservationId: 1 },
      { connectorId: 1, expiryDate: '2026-11-03T11:00:00.000Z', idTag: 'A', reservationId: 1 },
    ],
  ])('%s: %j is sent as %j', async (command, parameters, sent) => {
    const server = await commandedGateway();
    const client = await strictStation(server);
    const received: unknown[] = [];
    client.handle(({ params }) => {
      received.push(params);
      throw createRPCError('GenericError') as Error;
    });
    await server.execute({ command, parameters });
    expect(received).toEqual([sent]);
  });

  it.each([
    ['get_diagnostics', {}, 'GetDiagnostics of OCPP 1.6 cannot be sent so: payload lacks "location".'],
    [
      'set_charging_profile',
      {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: 1,
          stackLevel: 0,
          chargingProfilePurpose: 'TxProfile',
          chargingProfileKind: 'Relative',
          chargingSchedule: {
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.15 }],
          },
        },
      },
      'SetChargingProfile of OCPP 1.6 cannot be sent so: ' +
        'csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit must be multiple of 0.1.',
    ],
    ['get_variables', {}, 'OCPP 1.6 has no get_variables.'],
    ['constructor', {}, 'OCPP 1.6 has no constructor.'],
  ])('%s: %j is not sent', async (command, parameters, detail) => {
    const server = await commandedGateway();
    await strictStation(server);
    expect(await server.execute({ command, parameters })).toEqual({ kind: 'not_supported', detail });
    expect(server.callsMade()).toEqual([]);
    expect(server.gateway.isFree('id-open-1')).toBe(true);
  });
});
