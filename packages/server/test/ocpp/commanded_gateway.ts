// A test gateway that sends remote commands: its stations are known to be connected, and every command may be sent.

import { randomUUID } from 'node:crypto';
import type {
  CommandOutcome,
  Communication,
  RemoteCommand,
  StationReference,
} from '../../src/domain/index.ts';
import type { OcppGatewayDeps } from '../../src/ocpp/index.ts';
import { now, testGateway, testStation } from './test_gateway.ts';
import type { TestGateway, TestStation } from './test_gateway.ts';

export type CommandedGateway = TestGateway & {
  /** Resolves when this many connections were told to be ready for commands. */
  connected(count?: number): Promise<void>;
  /** Sends a command to open-1, which may be sent unless `willSend` says otherwise. */
  execute(
    command: Partial<RemoteCommand> & Pick<RemoteCommand, 'command'>,
    willSend?: (connectionId: string) => Promise<boolean>,
  ): Promise<CommandOutcome>;
  /** What the communication log has of calls to stations. */
  callsMade(): Communication[];
};

export async function commandedGateway(overrides: Partial<OcppGatewayDeps> = {}): Promise<CommandedGateway> {
  const ready: StationReference[] = [];
  const waiting: (() => void)[] = [];
  const server = await testGateway({
    ...overrides,
    stationConnected: (station) => {
      ready.push(station);
      for (const wake of waiting.splice(0)) wake();
      overrides.stationConnected?.(station);
    },
  });
  return {
    ...server,
    async connected(wanted = 1) {
      while (ready.length < wanted) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    execute: (command, willSend = async () => true) => server.gateway.execute(aCommand(command), willSend),
    callsMade: () => server.notes.filter((note) => note.kind === 'call' && note.direction === 'to_station'),
  };
}

/** A command to open-1 with ten minutes to go. */
export function aCommand(given: Partial<RemoteCommand> & Pick<RemoteCommand, 'command'>): RemoteCommand {
  return {
    id: randomUUID(),
    tenantId: 'tenant-demo',
    chargingStationId: 'id-open-1',
    parameters: {},
    deadline: new Date(now.getTime() + 600_000),
    ...given,
  };
}

/** open-1, connected, and known to be. */
export async function commandedStation(
  server: CommandedGateway,
  path = '/ocpp/demo/open-1',
): Promise<TestStation> {
  const station = await testStation(server, path);
  await server.connected();
  return station;
}
