// Where things stand in a payload: as a schema check tells it (JSON Pointers), and as the rules of leniency do (leniency.ts).

/** Where a value stands: in an object or an array, under a name. */
export type Spot = {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly path: string;
  readonly place: string;
};

/** @returns undefined where there is no such value, or not any more */
export function spotOf(instancePath: string, payload: unknown, action: string): Spot | undefined {
  const names = namesIn(instancePath);
  const name = names.at(-1);
  if (name === undefined) return undefined;
  const holder = holderOf(names, payload);
  if (holder === undefined || !Object.hasOwn(holder, name)) return undefined;
  return { holder, name, path: names.join('/'), place: placeOf(names, action) };
}

/** @returns undefined where an earlier repair of the same round has taken it away */
export function holderOf(names: readonly string[], payload: unknown): Record<string, unknown> | undefined {
  let holder: unknown = payload;
  for (const step of names.slice(0, -1)) holder = isObject(holder) ? holder[step] : undefined;
  return isObject(holder) ? holder : undefined;
}

export function placeOf(names: readonly string[], action: string): string {
  const [name, parent = action] = names.filter((each) => !/^\d+$/.test(each)).toReversed();
  return `${parent}.${name}`;
}

// JSON Pointer, RFC 6901 §3.
export function namesIn(pointer: string): string[] {
  const names = pointer.split('/').slice(1);
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
