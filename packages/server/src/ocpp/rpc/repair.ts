// A payload that failed its schema, changed by the rules of leniency until it passes: driven by what the check reports, so
// that nothing is looked at that the schema does not complain of. Every change is told, with its place.

import type { ErrorObject, ValidateFunction } from 'ajv';
import { repairedInstant } from './instant_repair.ts';
import type { LeniencyRules, WordRule } from './leniency.ts';

export type RepairContext = {
  readonly action: string;
  readonly rules: LeniencyRules;
  readonly receivedAt: Date;
  /** IANA name; where the station stands. */
  readonly timeZone: string;
  /** What no rule repairs is left out, where the rest still passes: for answers, which nobody can be told to repeat. */
  readonly leavesOut?: boolean;
};

export type Repaired = {
  readonly payload: unknown;
  /** What was changed or let pass, such as `connectorId: "1" taken as 1`. */
  readonly deviations: readonly string[];
};

// A value that was converted may need a second rule, and what was left out a default; more is no progress.
const mostRounds = 4;
// Longer texts than the specification has are kept up to here (characters): the columns have no limit, but pages have.
const longestText = 255;
const longestWord = 50;
// A payload can have thousands of faults, of few kinds.
const mostDeviations = 20;

/**
 * Repairs a copy of a payload: the communication log has what was sent.
 *
 * @param check the schema, just failed on the payload, compiled with `allErrors` and `verbose`
 * @returns undefined where it cannot be repaired safely
 */
export function repaired(
  payload: unknown,
  check: ValidateFunction,
  context: RepairContext,
): Repaired | undefined {
  const copy = isEmptyForObject(payload) ? {} : copied(payload);
  if (copy === undefined) return undefined;
  const root = { payload: copy, cut: new Set<string>() };
  const told = new Set<string>();
  if (isEmptyForObject(payload)) told.add(`payload: ${shown(payload)} taken as {}`);
  for (let round = 0; round < mostRounds; round += 1) {
    if (check(root.payload)) return { payload: root.payload, deviations: listed(told) };
    let isChanged = false;
    let isPassable = true;
    const beyondRepair: string[] = [];
    for (const fault of check.errors ?? []) {
      const outcome = repairOf(fault, root, context);
      if (outcome === undefined) {
        isPassable = false;
        beyondRepair.push(fault.instancePath);
        continue;
      }
      if (outcome.deviation !== undefined) told.add(outcome.deviation);
      if (outcome.isChange) {
        isChanged = true;
        isPassable = false;
      }
    }
    if (isPassable) return { payload: root.payload, deviations: listed(told) };
    if (context.leavesOut) {
      for (const part of leftOut(root.payload, beyondRepair)) {
        told.add(`${shortened(part)}: not understood, left out`);
        isChanged = true;
      }
    }
    if (!isChanged) return undefined;
  }
  return undefined;
}

/** @returns undefined where it is nested deeper than the stack is */
function copied(payload: unknown): unknown {
  try {
    return structuredClone(payload);
  } catch {
    return undefined;
  }
}

/** What came of one fault; nothing at all where no rule repairs it. Without a change the value is let pass as it is. */
type Outcome = { readonly isChange: boolean; readonly deviation?: string };

function repairOf(
  fault: ErrorObject,
  root: { readonly payload: unknown; readonly cut: Set<string> },
  context: RepairContext,
): Outcome | undefined {
  switch (fault.keyword) {
    case 'additionalProperties':
      return withoutProperty(fault, root.payload, context);
    case 'required':
      return withDefault(fault, root.payload, context);
  }
  const spot = spotOf(fault.instancePath, root.payload, context.action);
  if (spot === undefined) return undefined;
  switch (fault.keyword) {
    case 'type':
      return ofType(spot, String(fault.params['type']), context);
    case 'enum':
      return asWord(spot, fault.params['allowedValues'], context.rules.words[spot.place]);
    case 'maxLength':
      return withinLength(spot, Number(fault.params['limit']), context.rules, root.cut);
    case 'format':
      return asInstant(spot, String(fault.params['format']), context);
    default:
      return undefined;
  }
}

/**
 * Takes out what the faults are in: an item of a list that is a property of the payload, or else the whole property.
 *
 * @returns where that was
 */
function leftOut(payload: unknown, pointers: readonly string[]): string[] {
  if (!isObject(payload)) return [];
  const parts = new Set<string>();
  const spoiltItems = new Map<string, Set<number>>();
  for (const [name, item] of pointers.map(namesIn)) {
    if (name === undefined || !Object.hasOwn(payload, name)) continue;
    if (Array.isArray(payload[name]) && item !== undefined) {
      parts.add(`${name}/${item}`);
      const spoilt = spoiltItems.get(name) ?? new Set();
      spoiltItems.set(name, spoilt.add(Number(item)));
    } else {
      parts.add(name);
      delete payload[name];
    }
  }
  for (const [name, spoilt] of spoiltItems) {
    const items = payload[name];
    if (Array.isArray(items)) payload[name] = items.filter((_, index) => !spoilt.has(index));
  }
  return [...parts];
}

/** Where a value stands: in an object or an array, under a name. */
type Spot = {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly path: string;
  readonly place: string;
};

function spotOf(instancePath: string, payload: unknown, action: string): Spot | undefined {
  const names = namesIn(instancePath);
  const name = names.at(-1);
  if (name === undefined) return undefined;
  const holder = holderOf(names, payload);
  if (holder === undefined || !Object.hasOwn(holder, name)) return undefined;
  return { holder, name, path: names.join('/'), place: placeOf(names, action) };
}

/** @returns undefined where an earlier repair of the same round has taken it away */
function holderOf(names: readonly string[], payload: unknown): Record<string, unknown> | undefined {
  let holder: unknown = payload;
  for (const step of names.slice(0, -1)) holder = isObject(holder) ? holder[step] : undefined;
  return isObject(holder) ? holder : undefined;
}

function placeOf(names: readonly string[], action: string): string {
  const [name, parent = action] = names.filter((each) => !/^\d+$/.test(each)).toReversed();
  return `${parent}.${name}`;
}

function withoutProperty(
  fault: ErrorObject,
  payload: unknown,
  { action, rules }: RepairContext,
): Outcome | undefined {
  const unknown = String(fault.params['additionalProperty']);
  const spot = spotOf(`${fault.instancePath}/${escaped(unknown)}`, payload, action);
  if (spot === undefined) return undefined;
  const { holder, path } = spot;
  const known = Object.keys((fault.parentSchema?.['properties'] ?? {}) as object).find(
    (name) => name.toLowerCase() === unknown.toLowerCase() && !Object.hasOwn(holder, name),
  );
  const value = holder[unknown];
  delete holder[unknown];
  if (known === undefined || rules.untouched.includes(spot.place.replace(/[^.]*$/, known))) {
    return { isChange: true, deviation: `${shortened(path)}: not in the specification, left out` };
  }
  holder[known] = value;
  return { isChange: true, deviation: `${shortened(path)}: taken as ${known}` };
}

function withDefault(fault: ErrorObject, payload: unknown, context: RepairContext): Outcome | undefined {
  const missing = String(fault.params['missingProperty']);
  const names = namesIn(`${fault.instancePath}/${escaped(missing)}`);
  const rule = context.rules.defaults[placeOf(names, context.action)];
  if (rule === undefined) return undefined;
  const holder = holderOf(names, payload);
  if (holder === undefined) return undefined;
  const value = rule === 'time_of_receipt' ? context.receivedAt.toISOString() : rule.value;
  holder[missing] = value;
  return { isChange: true, deviation: `${names.join('/')}: missing, taken as ${shown(value)}` };
}

function ofType(spot: Spot, type: string, { rules }: RepairContext): Outcome | undefined {
  const value = spot.holder[spot.name];
  // Left out, it is as good as null where it is optional, and the next check tells where it is not.
  if (value === null) return without(spot, 'null');
  if (rules.untouched.includes(spot.place)) return undefined;
  const converted = rules.jsonTexts.includes(spot.place)
    ? jsonText(value)
    : type === 'integer' && typeof value === 'number' && rules.rounded.includes(spot.place)
      ? Math.round(value)
      : conversions[type]?.(value);
  return converted === undefined ? undefined : replaced(spot, converted);
}

/** By the schema's type: what a value of another means; undefined where that is not clear. */
const conversions: Readonly<Record<string, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined),
  integer: (value) =>
    typeof value === 'string' && /^\s*[+-]?\d{1,15}(\.0*)?\s*$/.test(value) ? Number(value) : undefined,
  number: (value) =>
    typeof value === 'string' && /^\s*[+-]?\d{1,15}(\.\d*)?\s*$/.test(value) ? Number(value) : undefined,
  boolean: (value) =>
    typeof value === 'string' || typeof value === 'number'
      ? ({ true: true, false: false, 1: true, 0: false } as Record<string, boolean>)[
          String(value).trim().toLowerCase()
        ]
      : undefined,
  array: (value) => (isObject(value) ? [value] : undefined),
};

function asWord(spot: Spot, allowed: unknown, rule: WordRule = {}): Outcome | undefined {
  const value = spot.holder[spot.name];
  if (typeof value !== 'string' || !Array.isArray(allowed)) return undefined;
  const words: readonly unknown[] = allowed;
  if (words.includes(value)) return { isChange: true };
  const plain = plainWord(value);
  const meant =
    words.find((word) => plainWord(String(word)) === plain) ??
    (Object.hasOwn(rule.meant ?? {}, plain) ? rule.meant?.[plain] : undefined);
  if (meant !== undefined) return replaced(spot, meant);
  if (rule.otherwise === undefined || value.length > longestWord) return undefined;
  if (rule.otherwise === 'kept') {
    return { isChange: false, deviation: `${spot.path}: ${shown(value)} is not in the specification, kept` };
  }
  return replaced(spot, rule.otherwise.takenAs);
}

function withinLength(
  spot: Spot,
  limit: number,
  rules: LeniencyRules,
  cut: Set<string>,
): Outcome | undefined {
  const value = spot.holder[spot.name];
  if (typeof value !== 'string') return undefined;
  if (cut.has(spot.path)) return { isChange: false };
  const characters = Array.from(value);
  const told = `${spot.path}: ${characters.length} characters where ${limit} are allowed`;
  if (characters.length <= longestText) return { isChange: false, deviation: `${told}, kept` };
  if (rules.untouched.includes(spot.place)) return undefined;
  const kept = Math.max(limit, longestText);
  spot.holder[spot.name] = characters.slice(0, kept).join('');
  cut.add(spot.path);
  return { isChange: true, deviation: `${told}, cut to ${kept}` };
}

function asInstant(spot: Spot, format: string, context: RepairContext): Outcome | undefined {
  const value = spot.holder[spot.name];
  if (format !== 'date-time' || typeof value !== 'string') return undefined;
  const zone = context.rules.zoneless === 'station' ? context.timeZone : 'UTC';
  const instant = repairedInstant(value, zone);
  return instant === undefined ? without(spot, shown(value)) : replaced(spot, instant);
}

function replaced(spot: Spot, value: unknown): Outcome {
  const before = shown(spot.holder[spot.name]);
  spot.holder[spot.name] = value;
  return { isChange: true, deviation: `${spot.path}: ${before} taken as ${shown(value)}` };
}

function without(spot: Spot, what: string): Outcome {
  delete spot.holder[spot.name];
  return { isChange: true, deviation: `${spot.path}: ${what} left out` };
}

/** Some languages write an empty object as an empty array or text. */
function isEmptyForObject(payload: unknown): boolean {
  return payload === '' || (Array.isArray(payload) && payload.length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function plainWord(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function listed(told: ReadonlySet<string>): readonly string[] {
  const all = [...told];
  if (all.length <= mostDeviations) return all;
  return [...all.slice(0, mostDeviations), `and ${all.length - mostDeviations} more`];
}

/** Answers a value as JSON; undefined for one that is too deep to be written. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[…]';
  return isObject(value) ? '{…}' : shortened(JSON.stringify(value));
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

// JSON Pointer, RFC 6901 §3.
function namesIn(pointer: string): string[] {
  const names = pointer.split('/').slice(1);
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
