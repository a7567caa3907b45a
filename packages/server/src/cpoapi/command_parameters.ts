// What a request to send a command gives: its parameters, and how long to wait. All that is wrong is told at once.

import type { CommandDeclaration } from '@chargeyard/contract/remote_commands/index';
import type { AttributeDeclaration, ResourceDeclaration } from '@chargeyard/contract/resource';
import { uuid } from '@chargeyard/contract/values';
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import { isPasswordKey, stationPasswordForm } from '../domain/index.ts';
import { bodyReader, throwFaults } from '../json_api/index.ts';
import type { Asked, Fault, ResourceDeps, Values } from '../json_api/index.ts';
import { connectorFields } from '../store/index.ts';

export type GivenParameters = {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
};

const defaultTimeoutSeconds = 30;

const timeoutSeconds: AttributeDeclaration = {
  schema: Type.Integer({
    minimum: 1,
    maximum: 120,
    description: `How long the station has for its answer. ${defaultTimeoutSeconds} without it.`,
  }),
  written: 'always',
  example: defaultTimeoutSeconds,
};

/** Answers how the body is declared: each parameter, and `timeoutSeconds`. */
export function bodyOf({ parameters, example }: CommandDeclaration): ResourceDeclaration {
  const required = (parameters.required ?? []) as readonly string[];
  const attributes = Object.entries(parameters.properties as Record<string, TSchema>).map(
    ([name, schema]): [string, AttributeDeclaration] => [
      name,
      {
        schema: name === 'connectorId' ? connectorOf(schema) : schema,
        written: 'always',
        ...(required.includes(name) ? { required: true as const } : {}),
        ...(name in example ? { example: example[name] } : {}),
      },
    ],
  );
  return {
    type: 'remote_commands',
    id: 'uuid',
    paged: 'offset',
    attributes: Object.fromEntries([...attributes, ['timeoutSeconds', timeoutSeconds]]),
  };
}

const connectorOf = (number: TSchema) =>
  Type.Union([number, uuid], { description: 'Its number at the station, or its UUID.' });

/** Answers the function that reads them. It throws {RequestRefused} with all that is wrong. */
export function parametersReader(body: ResourceDeclaration, { store, clock }: ResourceDeps) {
  const read = bodyReader(body, 'creation');

  /** Connectors may be named as the API names them; stations know their numbers. */
  async function connectorNumber(asked: Asked, station: string, id: string): Promise<number | undefined> {
    const row = await store.connectors.find(asked.principal.visibility, id.toLowerCase(), clock.now());
    const textOf = (field: (typeof connectorFields)[number]) => row?.[connectorFields.indexOf(field)];
    return textOf('chargingStationId') === station ? Number(textOf('number')) : undefined;
  }

  return async (asked: Asked, station: string): Promise<GivenParameters> => {
    const isEmpty = asked.body === undefined || asked.body === '';
    const { sent, others, faults, pointerTo } = read({
      body: isEmpty ? '{}' : asked.body,
      contentType: asked.headers['content-type'],
    });
    // Another command would go out than was meant.
    const unknown = others.map((name): Fault => ({
      code: 'invalid_value',
      detail: 'The command has no such parameter.',
      source: { pointer: pointerTo(name) },
    }));
    const { timeoutSeconds: seconds = defaultTimeoutSeconds, connectorId, ...rest } = sent;
    const number =
      typeof connectorId === 'string' ? await connectorNumber(asked, station, connectorId) : connectorId;
    const isMissing = connectorId !== undefined && number === undefined;
    throwFaults([
      ...faults,
      ...unknown,
      ...passwordFaults(sent, pointerTo('value')),
      ...(isMissing
        ? [
            {
              code: 'invalid_value' as const,
              detail: 'There is no such connector of the charging station.',
              source: { pointer: pointerTo('connectorId') },
            },
          ]
        : []),
    ]);
    return {
      parameters: { ...(number === undefined ? {} : { connectorId: number }), ...rest },
      timeoutSeconds: Number(seconds),
    };
  };
}

/** Whoever has the password is let in as the station, so it is held to what charging_stations asks of it. */
function passwordFaults({ key, value }: Values, pointer: string): Fault[] {
  if (typeof key !== 'string' || !isPasswordKey(key)) return [];
  if (typeof value !== 'string' || stationPasswordForm.test(value)) return [];
  const detail = 'A password has 16 to 40 printable ASCII characters without spaces.';
  return [{ code: 'invalid_value', detail, source: { pointer } }];
}
