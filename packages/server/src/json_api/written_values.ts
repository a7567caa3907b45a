// What a request writes, in the store's fields, and all that is wrong with it: the form of its values, what they refer to,
// the rules of the domain; each a fault that points into the request.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Row, Tables } from '../store/index.ts';
import { bodyReader } from './body.ts';
import type { Body } from './body.ts';
import { RequestRefused } from './errors.ts';
import type { Fault } from './errors.ts';
import { brokenReferencesOf } from './references.ts';
import type { Registry } from './registry.ts';
import type { SingleResource, Values } from './resource.ts';
import type { Asked } from './routes.ts';

/**
 * Reads what a request writes, before the transaction that it is written in.
 *
 * @param given what the path sets
 * @throws {RequestRefused} what `bodyReader` throws
 */
export type ValuesReader = (
  asked: Asked,
  given: Readonly<Record<string, string>>,
) => Promise<{
  readonly body: Body;
  /**
   * Answers the values, within the transaction.
   *
   * @param known the row that is changed
   * @throws {RequestRefused} with everything that is wrong with the values; or what a rule throws, where the state of things
   *         forbids the write whatever its values
   */
  readonly checked: (within: { tables: Tables; now: Date; known?: Row }) => Promise<Values>;
}>;

export function valuesReader<Field extends string>(
  resource: SingleResource<Field>,
  registry: Registry,
  at: 'creation' | 'update',
): ValuesReader {
  const { declaration, fieldOf, prepared, brokenRules } = resource;
  const read = bodyReader(declaration, at);
  const brokenReferences = brokenReferencesOf(resource, registry);
  return async (asked, given) => {
    const { principal } = asked;
    const id = at === 'update' ? asked.params['id'] : undefined;
    const body = read({
      body: asked.body,
      contentType: asked.headers['content-type'],
      given,
      ...(id === undefined ? {} : { id }),
    });
    const sent: Values = Object.fromEntries(
      Object.entries(body.attributes).map(([name, value]) => [fieldOf[name] ?? name, value] as const),
    );
    const values = { ...sent, ...(await prepared?.(sent)) };
    return {
      body,
      async checked({ tables, now, known }) {
        const write = { tables, principal, values, now, id };
        const broken = await pointing(resource, body, async () => [
          ...((await brokenRules?.(write)) ?? []),
          ...(await brokenReferences(write, known)),
        ]);
        throwFaults([...body.faults, ...broken.map((rule) => faultOf(resource, body, rule))]);
        return values;
      },
    };
  };
}

/**
 * A rule of the domain that work breaks becomes a fault that points to the value in the request; so do several at once, all
 * {Conflict} or all {Invalid}, in an AggregateError.
 */
export async function pointing<Field extends string, T>(
  resource: Pick<SingleResource<Field>, 'declaration' | 'fieldOf'>,
  body: Body | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const rules: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    const faults = rules.map((rule) => {
      if (!(rule instanceof Conflict || rule instanceof Invalid)) throw cause;
      return faultOf(resource, body, rule);
    });
    const [first, ...others] = faults;
    throw first === undefined ? cause : new RequestRefused([first, ...others], { cause });
  }
}

function faultOf<Field extends string>(
  { declaration, fieldOf }: Pick<SingleResource<Field>, 'declaration' | 'fieldOf'>,
  body: Body | undefined,
  rule: Conflict | Invalid,
): Fault {
  // What is never shown has no field but its own name.
  const [attribute] =
    Object.entries(fieldOf).find(([, field]) => field === rule.field) ??
    Object.keys(declaration.attributes).filter((name) => name === rule.field);
  const pointer = attribute === undefined ? undefined : body?.pointerTo(attribute);
  return {
    code: rule instanceof Conflict ? 'conflict' : 'invalid_value',
    detail: rule.message,
    ...(pointer === undefined ? {} : { source: { pointer } }),
  };
}

// Who sent so many has one mistake many times.
const mostFaults = 100;

/** All at once, up to a hundred. Of a value that is wrong in several ways the first is enough. */
export function throwFaults(faults: readonly Fault[]): void {
  const byPlace = new Map<unknown, Fault>();
  for (const fault of faults) {
    const place = fault.source === undefined ? fault : JSON.stringify(fault.source);
    if (!byPlace.has(place)) byPlace.set(place, fault);
  }
  const [first, ...others] = [...byPlace.values()].slice(0, mostFaults);
  if (first !== undefined) throw new RequestRefused([first, ...others]);
}
