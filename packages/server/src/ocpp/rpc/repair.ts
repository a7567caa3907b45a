// A payload that failed its schema, changed by the rules of leniency until it passes: driven by what the check reports, fault
// by fault (fault_repair.ts). Every change is told, with its place.

import type { ValidateFunction } from 'ajv';
import { shortened, shown } from './deviation_text.ts';
import { repairOf } from './fault_repair.ts';
import type { RuleContext } from './fault_repair.ts';
import { isObject, namesIn } from './payload_places.ts';

export type RepairContext = RuleContext & {
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

/** Some languages write an empty object as an empty array or text. */
function isEmptyForObject(payload: unknown): boolean {
  return payload === '' || (Array.isArray(payload) && payload.length === 0);
}

function listed(told: ReadonlySet<string>): readonly string[] {
  const all = [...told];
  if (all.length <= mostDeviations) return all;
  return [...all.slice(0, mostDeviations), `and ${all.length - mostDeviations} more`];
}
