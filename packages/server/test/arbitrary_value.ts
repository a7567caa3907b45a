// Values that a JSON schema describes, for fast-check; as far as our own schemas go.

import * as fc from 'fast-check';

type Schema = { readonly [member: string]: unknown };

/**
 * Answers an arbitrary of values that a schema describes.
 *
 * @param resolve answers the schema that a `$ref` means
 */
export function arbitraryValue(schema: Schema, resolve: (schema: Schema) => Schema): fc.Arbitrary<unknown> {
  const of = (each: unknown) => arbitraryValue(each as Schema, resolve);
  const { $ref, anyOf, allOf, enum: words, const: word, type, ...members } = schema;
  if ($ref !== undefined) return of(resolve(schema));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(of));
  // Of our schemas with allOf the first tells what there is, the others what may not be.
  if (Array.isArray(allOf) && type === undefined) return of(allOf[0]);
  if (word !== undefined) return fc.constant(word);
  if (Array.isArray(words)) return fc.constantFrom(...(words as unknown[]));
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => of({ ...members, type: each as string })));
  const at = (name: string, otherwise: number) =>
    typeof members[name] === 'number' ? members[name] : otherwise;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: at('minimum', -1000), max: Math.min(at('maximum', 1000), 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: at('minimum', -1000), max: at('maximum', 1000), noNaN: true });
    case 'array':
      return fc.array(of(members['items'] ?? {}), {
        minLength: at('minItems', 0),
        maxLength: Math.min(at('maxItems', 3), 3),
      });
    case 'object': {
      const properties = Object.entries(members['properties'] ?? {});
      const required = Array.isArray(members['required']) ? (members['required'] as string[]) : [];
      return fc.record(Object.fromEntries(properties.map(([name, each]) => [name, of(each)])), {
        requiredKeys: required.filter((name) => properties.some(([property]) => property === name)),
      });
    }
    case 'string':
      return text(members);
    default:
      return fc.jsonValue();
  }
}

function text({ format, pattern, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  const [least, most] = [Number(minLength ?? 0), Number(maxLength ?? 30)];
  switch (format) {
    case 'uuid':
      return fc.uuid();
    case 'date-time':
      return fc
        .date({
          min: new Date('1900-01-01T00:00:00Z'),
          max: new Date('2200-01-01T00:00:00Z'),
          noInvalidDate: true,
        })
        .map((date) => date.toISOString());
    case 'time-zone':
      return fc.constantFrom('Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires');
    case 'uri':
      return fc.webUrl({ size: 'small' }).filter((each) => each.length <= most);
    case 'country-code':
      return fc.constantFrom('AT', 'DE', 'XK');
    default:
  }
  if (pattern === '\\S') {
    return fc
      .string({ unit: 'binary', minLength: least, maxLength: Math.min(most, 30) })
      .map((each) => `x${each}`.slice(0, most));
  }
  if (typeof pattern === 'string') {
    return fc
      .stringMatching(new RegExp(pattern))
      .filter((each) => each.length >= least && each.length <= most);
  }
  return fc.string({ unit: 'binary', minLength: least, maxLength: Math.min(most, 30) });
}
