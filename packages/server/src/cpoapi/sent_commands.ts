// Sending remote commands: `POST /remote_commands/synchronous/:cpId/<command>` answers when the station has, with what it
// said; `…/asynchronous/…` answers at once, and its end is read later. How the documentation asks for get_configuration is
// not known, so that is a GET as well.

import type { CommandDeclaration } from '@chargeyard/contract/remote_commands/index';
import { remoteCommands as commands } from '@chargeyard/contract/remote_commands/index';
import { shownAttributes, writtenSchema } from '@chargeyard/contract/resource';
import { remoteCommands as declaration } from '@chargeyard/contract/resources/remote_commands';
import { isUploadedHere, mostParallelCommands, uploadsPath } from '../domain/index.ts';
import type { OrderCommand, OrderedCommand } from '../domain/index.ts';
import { newId } from '../ids.ts';
import {
  documentOf,
  idempotencyKeyOf,
  queryParameters,
  refused,
  requestHashOf,
  requireVisible,
  writersOf,
} from '../json_api/index.ts';
import type { Asked, Method, ResourceDeps, Route } from '../json_api/index.ts';
import type { RemoteCommandField } from '../store/index.ts';
import { chargingStations } from './charging_stations.ts';
import { bodyOf, parametersReader } from './command_parameters.ts';
import type { GivenParameters } from './command_parameters.ts';
import { refusalOf } from './command_refusals.ts';
import { remoteCommands } from './remote_commands.ts';

type Deps = ResourceDeps & { readonly orderCommand: OrderCommand; readonly publicUrl: string | undefined };
type Mode = 'synchronous' | 'asynchronous';

export function sentCommandRoutes(deps: Deps): Route[] {
  const modes = ['synchronous', 'asynchronous'] as const;
  return modes.flatMap((mode) =>
    Object.entries(commands).map(([command, declared]) => ({
      path: `${remoteCommands.path}/${mode}/:cpId/${command}`,
      methods: {
        ...(command === 'get_configuration' ? { GET: gettingConfiguration(deps, mode, declared) } : {}),
        POST: posting(deps, { mode, command, declared }),
      },
    })),
  );
}

function posting(
  deps: Deps,
  { mode, command, declared }: { mode: Mode; command: string; declared: CommandDeclaration },
): Method {
  const body = bodyOf(declared);
  const read = parametersReader(body, deps);
  const send = sender(deps, { mode, command });
  return {
    scope: 'cpoapi:remote_commands:execute',
    does: {
      action: mode === 'synchronous' ? 'send' : 'order',
      name: `${mode} ${command}`.replaceAll(/[ _](\w)/g, (_, letter: string) => letter.toUpperCase()),
      summary: declared.summary,
      resource: declaration,
      parameters: [],
      takes: writtenSchema(body, 'creation'),
      body,
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const station = await stationOf(asked, deps);
      return send(asked, station, await read(asked, station));
    },
  };
}

/** `…/get_configuration?keys=a,b`. */
function gettingConfiguration(deps: Deps, mode: Mode, declared: CommandDeclaration): Method {
  const read = parametersReader(bodyOf(declared), deps);
  const send = sender(deps, { mode, command: 'get_configuration' });
  return {
    scope: 'cpoapi:remote_commands:execute',
    does: {
      action: mode === 'synchronous' ? 'send' : 'order',
      name: `${mode}GetConfigurationByGet`,
      summary: 'Read configuration keys, all or some: as POST does',
      resource: declaration,
      parameters: ['keys'],
    },
    async answer(asked) {
      const parameters = queryParameters(asked.query, ['keys']);
      parameters.throwFaults();
      const keys = (parameters.get('keys') ?? '').split(',').filter((key) => key !== '');
      const station = await stationOf(asked, deps);
      return send(asked, station, await read({ ...asked, body: JSON.stringify({ keys }) }, station));
    },
  };
}

/** What may not be seen is not there. */
async function stationOf({ params, principal }: Asked, { store, clock }: ResourceDeps): Promise<string> {
  const id = params['cpId'] ?? '';
  const { visibility } = principal;
  await requireVisible(chargingStations, id, { tables: store, visibility, now: clock.now() });
  return id.toLowerCase();
}

function sender(
  { store, clock, orderCommand, publicUrl }: Deps,
  { mode, command }: { mode: Mode; command: string },
) {
  const isSynchronous = mode === 'synchronous';
  // It may be the station's password.
  const secretNames = command === 'change_configuration' ? ['value'] : [];
  const { write } = writersOf<RemoteCommandField>(remoteCommands)(
    shownAttributes(declaration).map(([name]) => name),
  );
  return async (asked: Asked, chargingStationId: string, { parameters, timeoutSeconds }: GivenParameters) => {
    const { visibility, callerId } = asked.principal;
    const key = idempotencyKeyOf(asked);
    const ordered = await orderCommand({
      id: newId(),
      tenantId: visibility.tenantId,
      chargingStationId,
      command,
      parameters,
      uploadUrl: isUploadedHere(command, parameters)
        ? (publicUrl ?? new URL(asked.url).origin) + uploadsPath
        : undefined,
      timeoutSeconds,
      orderedAt: clock.now(),
      isSynchronous,
      callerId,
      idempotency: key && { key: key.key, requestHash: await requestHashOf(asked, key, secretNames) },
    });
    if (ordered.kind !== 'ordered') throw unordered(ordered);
    if (isSynchronous) await ordered.ended;
    const self = asked.url.replace(/(\/remote_commands)\/.*$/, `$1/${ordered.id}`);
    const row = await store.remoteCommands.find(visibility, ordered.id, clock.now());
    if (row === undefined) throw refused('not_found', 'The charging station was deleted meanwhile.');
    const refusal = isSynchronous ? refusalOf(row, self) : undefined;
    if (refusal !== undefined) throw refusal;
    return {
      status: isSynchronous ? (200 as const) : (202 as const),
      json: documentOf(write(row), self),
      headers: { location: self },
    };
  };
}

function unordered({ kind }: Exclude<OrderedCommand, { kind: 'ordered' }>) {
  switch (kind) {
    case 'no_station':
      return refused('not_found', 'There is no such charging station.');
    case 'too_many':
      return refused(
        'too_many_commands',
        `At most ${mostParallelCommands} synchronous remote commands at once: wait for one to end.`,
        { headers: { 'retry-after': '1' } },
      );
    default:
      return refused('idempotency_key_reused', 'This Idempotency-Key was sent with another request before.', {
        source: { header: 'Idempotency-Key' },
      });
  }
}
