// What becomes of one fault that a schema check reports: the value is changed by the rules of leniency, or let pass. Nothing
// is looked at that the schema does not complain of. Every change is told, with its place.

import type { ErrorObject } from 'ajv';
import { shortened, shown } from './deviation_text.ts';
import { repairedInstant } from './instant_repair.ts';
import type { LeniencyRules, WordRule } from './leniency.ts';
import { escaped, holderOf, isObject, namesIn, placeOf, spotOf } from './payload_places.ts';
import type { Spot } from './payload_places.ts';

export type RuleContext = {
  readonly action: string;
  readonly rules: LeniencyRules;
  readonly receivedAt: Date;
  /** IANA name; where the station stands. */
  readonly timeZone: string;
};

// Longer texts than the specification has are kept up to here (characters): the columns have no limit, but pages have.
const longestText = 255;
const longestWord = 50;

/** What came of one fault; nothing at all where no rule repairs it. Without a change the value is let pass as it is. */
type Outcome = { readonly isChange: boolean; readonly deviation?: string };

/** @param root.cut the paths of the texts that were cut, which may still be longer than they should be */
export function repairOf(
  fault: ErrorObject,
  root: { readonly payload: unknown; readonly cut: Set<string> },
  context: RuleContext,
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

function withoutProperty(
  fault: ErrorObject,
  payload: unknown,
  { action, rules }: RuleContext,
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

function withDefault(fault: ErrorObject, payload: unknown, context: RuleContext): Outcome | undefined {
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

function ofType(spot: Spot, type: string, { rules }: RuleContext): Outcome | undefined {
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

function asInstant(spot: Spot, format: string, context: RuleContext): Outcome | undefined {
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

function plainWord(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
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
