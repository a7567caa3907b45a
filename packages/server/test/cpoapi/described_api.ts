// The API as its description tells it: operations, validators of their answers, and a world in which its examples are
// true. Reads nothing but the description, so what a test sends is what a stranger would send.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { exampleTechnician } from '@chargeyard/contract/resources/technicians';
import {
  aCommunication,
  aConfiguration,
  aLatestMeterValue,
  aMeterValue,
  aRemoteCommand,
  aStationReport,
  aTenant,
  aTransaction,
  aUser,
  anAccessToken,
  anApiClient,
  aWaitingChargingStation,
  anError,
} from '../builders.ts';
import type { Answer, AskedRequest, TestApp } from '../test_app.ts';

export type Schema = { readonly [member: string]: unknown };
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
  readonly example?: string | number;
};
type Content = Readonly<
  Record<
    string,
    { schema: Schema; example?: unknown; examples?: Readonly<Record<string, { value: unknown }>> }
  >
>;
export type Operation = {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { content?: Content; $ref?: string }>>;
};
export type Description = {
  readonly openapi: string;
  readonly servers: readonly { url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, { content: Content }>>;
  };
};

export const descriptionUrl = '/api/cpoapi/v1/openapi.json';

export class DescribedApi {
  readonly description: Description;
  readonly operations: readonly Operation[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });

  constructor(description: Description) {
    this.description = description;
    addFormats.default(this.#ajv);
    // What a time zone is, is the server's to know.
    this.#ajv.addFormat('time-zone', true);
    this.#ajv.addFormat('country-code', true);
    this.#ajv.addSchema(description, 'api');
    this.operations = Object.entries(description.paths).flatMap(([path, { parameters = [], ...methods }]) =>
      Object.entries(methods).map(([method, operation]) => {
        const described = operation as Omit<Operation, 'method' | 'path'>;
        return {
          ...described,
          method: method.toUpperCase(),
          path,
          parameters: [...(parameters as Parameter[]), ...(described.parameters ?? [])],
        };
      }),
    );
  }

  /** The operations of the CPO API's resources. */
  get resourceOperations(): readonly Operation[] {
    return this.operations.filter(({ security }) => security.some((scheme) => 'oauth2' in scheme));
  }

  /** Answers a schema's own members when it is a reference. */
  resolved(schema: Schema): Schema {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(String(schema['$ref']))?.[1];
    return name === undefined ? schema : (this.description.components.schemas[name] ?? {});
  }

  /** Answers an operation's contents for a status; undefined when it has no body, null when there is no such status. */
  contentOf({ responses }: Operation, status: number): Content | undefined | null {
    const response = responses[String(status)];
    if (response === undefined) return null;
    const name = response.$ref?.replace('#/components/responses/', '');
    return (name === undefined ? response : this.description.components.responses[name])?.content;
  }

  faultsOf(schema: Schema | false, value: unknown): unknown[] {
    const key = JSON.stringify(schema);
    const rebased = JSON.parse(key.replaceAll('"#/', '"api#/')) as Schema;
    const isValid = this.#compiled.get(key) ?? this.#ajv.compile(rebased);
    this.#compiled.set(key, isValid);
    return isValid(value) ? [] : (isValid.errors ?? []);
  }

  readonly #compiled = new Map<string, ReturnType<Ajv2020['compile']>>();
}

/** Answers whether an operation sends something to a charging station. */
export const isSent = ({ path }: Pick<Operation, 'path'>) => /\/remote_commands\/a?synchronous\//.test(path);

/** Checks that an answer's status is one of the operation's, and its body what the description says. */
export function expectDescribed(api: DescribedApi, operation: Operation, answer: Answer): void {
  const place = `${operation.method} ${operation.path} → ${answer.status} ${answer.text.slice(0, 600)}`;
  expect(Object.keys(operation.responses), place).toContain(String(answer.status));
  const content = api.contentOf(operation, answer.status) ?? {};
  const type = answer.headers['content-type']?.split(';')[0];
  const schema = type === undefined ? undefined : content[type]?.schema;
  // What has no content has no body, and the other way round.
  expect({ types: Object.keys(content), body: answer.text !== '' }, place).toEqual({
    types: type === undefined ? [] : (expect.arrayContaining([type]) as unknown),
    body: schema !== undefined,
  });
  const body = () => (type === 'text/csv' ? answer.text : answer.json());
  if (schema !== undefined) expect(api.faultsOf(schema, body()), place).toEqual([]);
}

export async function describedApi(app: TestApp, url = descriptionUrl): Promise<DescribedApi> {
  const answer = await app.ask(url);
  return new DescribedApi(answer.json<Description>());
}

function replaced(text: string, pairs: Iterable<[string, string]>): string {
  let result = text;
  for (const [from, to] of pairs) result = result.replaceAll(from, to);
  return result;
}

/** A tenant of its own in which the examples come true, one after the other. */
export type World = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly authorization: string;
  /** Ids of the description's examples → ids here. */
  readonly ids: Map<string, string>;
  /** Answers the text with this world's ids in place of the examples'. */
  here(text: string): string;
  /** Answers the text with the examples' ids in place of this world's. */
  asDescribed(text: string): string;
  ask(path: string, request?: AskedRequest): Promise<Answer>;
};

export async function aWorld(app: TestApp): Promise<World> {
  const tenant = await aTenant(app.store);
  const client = await anApiClient(app.store, tenant.id);
  const authorization = `Bearer ${await anAccessToken(app.origin, client)}`;
  // Technicians are made at the settings API.
  const [firstName, lastName] = exampleTechnician.name.split(' ');
  const { email } = exampleTechnician;
  const technician = { firstName: firstName ?? '', lastName: lastName ?? '', email, isTechnician: true };
  const { uuid } = await aUser(app.store, tenant.id, technician);
  const ids = new Map<string, string>([[exampleTechnician.uuid, uuid]]);
  return {
    ...client,
    tenantId: tenant.id,
    authorization,
    ids,
    here: (text) => replaced(text, ids),
    asDescribed: (text) =>
      replaced(
        text,
        [...ids].map(([from, to]): [string, string] => [to, from]),
      ),
    ask: (path, request = {}) =>
      app.ask(path, { ...request, headers: { authorization, ...request.headers } }),
  };
}

/** Answers the path of an operation's example. */
export function examplePath({ path, parameters }: Operation): string {
  let result = path;
  for (const { name, example } of parameters.filter((parameter) => parameter.in === 'path')) {
    result = result.replace(`{${name}}`, encodeURIComponent(String(example)));
  }
  return result;
}

/** Sends an operation's example. `form` is the body's: `flat` or `jsonApi`. */
export function sendExample(world: World, operation: Operation, form: string): Promise<Answer> {
  const type = form === 'flat' ? 'application/json' : 'application/vnd.api+json';
  const body = operation.requestBody?.content[type]?.examples?.[form]?.value;
  return world.ask(world.here(examplePath(operation)), {
    method: operation.method,
    ...(body === undefined
      ? {}
      : { body: world.here(JSON.stringify(body)), headers: { 'content-type': type } }),
  });
}

/**
 * Makes the example of every resource type that can be created at its own path, each when what it refers to is there.
 *
 * @returns operations with the answers they got, in the order in which they were sent
 */
export async function makeExamples(
  app: TestApp,
  api: DescribedApi,
  world: World,
  form = 'flat',
): Promise<[Operation, Answer][]> {
  let pending = api.resourceOperations.filter(
    ({ method, path, tags }) => method === 'POST' && path === `/api/cpoapi/v1/${tags[0]}`,
  );
  const made: [Operation, Answer][] = [];
  while (pending.length > 0) {
    const refused: [Operation, Answer][] = [];
    for (const operation of pending) {
      const answer = await sendExample(world, operation, form);
      if (answer.status !== 201) {
        refused.push([operation, answer]);
        continue;
      }
      made.push([operation, answer]);
      noteId(world, operation, answer);
      if (operation.tags[0] === 'connectors') await tellOfStation(app, api, world);
    }
    if (refused.length === pending.length) {
      throw new Error(`not created: ${refused.map(([{ path }, { text }]) => `${path}: ${text}`).join('\n')}`);
    }
    pending = refused.map(([operation]) => operation);
  }
  return made;
}

type Document = { readonly data: { readonly id: string } };

/** From now on what was created stands in for the example. */
export function noteId({ ids }: World, { responses }: Operation, answer: Answer): void {
  const described = responses['201']?.content?.['application/json']?.example as Document;
  const { id } = answer.json<Document>().data;
  // A number may be anywhere; the example keeps a tenant's first.
  if (!/^\d+$/.test(id)) ids.set(described.data.id, id);
}

/** What stations alone make: an error, a transaction with a meter value, a configuration key, a report, one that waits. */
async function tellOfStation({ store }: TestApp, api: DescribedApi, world: World): Promise<void> {
  const exampleOf = (operationId: string) => {
    const read = api.operations.find((operation) => operation.operationId === operationId);
    return String(read?.parameters.find(({ name }) => name === 'id')?.example);
  };
  const stationId = world.here(exampleOf('getChargingStation'));
  const [configuration = ''] = await aConfiguration(store, world.tenantId, stationId, {
    HeartbeatInterval: '300',
  });
  world.ids.set(exampleOf('getError'), await anError(store, world.tenantId, stationId, 1));
  world.ids.set(exampleOf('getCpConfiguration'), configuration);
  const reportedId = await aTransaction(store, world.tenantId, stationId);
  const meterValueId = await aMeterValue(store, world.tenantId, stationId, { reportedId });
  world.ids.set(exampleOf('getMeterValue'), meterValueId);
  const latestId = await aLatestMeterValue(store, world.tenantId, stationId);
  world.ids.set(exampleOf('getLatestMeterValue'), latestId);
  const entryId = await aCommunication(store, world.tenantId, stationId);
  world.ids.set(exampleOf('getCommunicationLog'), entryId);
  world.ids.set(exampleOf('getStationReport'), await aStationReport(store, world.tenantId, stationId));
  world.ids.set(exampleOf('getRemoteCommand'), await aRemoteCommand(store, world.tenantId, stationId));
  await letWait({ store }, world, exampleOf('getWaitingChargingStation'));
}

/** From now on another identity that nobody created stands in for the example. */
export async function letWait(
  { store }: Pick<TestApp, 'store'>,
  world: World,
  example: string,
): Promise<void> {
  world.ids.set(example, (await aWaitingChargingStation(store, world.tenantId)).id);
}
