// What a request writes, in the store's fields, and the rules of the domain that it breaks, as faults that point into it.

import { Conflict, Invalid } from '../domain/index.ts';
import type { Body, BodyReader } from './body.ts';
import { RequestRefused } from './errors.ts';
import type { Fault } from './errors.ts';
import type { SingleResource, Values } from './resource.ts';
import type { Asked } from './routes.ts';

export function valuesIn<Field extends string>(
  { fieldOf }: SingleResource<Field>,
  read: BodyReader,
  asked: Asked,
  given: Readonly<Record<string, string>>,
): { values: Values; body: Body } {
  const id = asked.params['id'];
  const body = read({
    body: asked.body,
    contentType: asked.headers['content-type'],
    given,
    ...(id === undefined ? {} : { id }),
  });
  const values = Object.entries(body.attributes).map(
    ([name, value]) => [fieldOf[name] ?? name, value] as const,
  );
  return { values: Object.fromEntries(values), body };
}

/**
 * A rule of the domain that a value breaks becomes a fault that points to the value in the request; so do several at once,
 * all {Conflict} or all {Invalid}, in an AggregateError.
 */
export async function pointing<Field extends string, T>(
  { declaration, fieldOf }: Pick<SingleResource<Field>, 'declaration' | 'fieldOf'>,
  body: Body | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const broken: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    const faults = broken.map((rule): Fault => {
      if (!(rule instanceof Conflict || rule instanceof Invalid)) throw cause;
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
    });
    const [first, ...others] = faults;
    throw first === undefined ? cause : new RequestRefused([first, ...others], { cause });
  }
}
