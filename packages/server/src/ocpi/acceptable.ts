// Holds what was mapped against the same declarations as the API's bodies. A row whose required attribute could not be
// taken is skipped; any other attribute is left out, with a remark.

import type { DeclaredValues } from '../json_api/index.ts';
import type { Notes } from './note.ts';

type Values = Readonly<Record<string, unknown>>;

// An address with one wrong member is still an address.
const membersStandAlone = new Set(['address']);

/**
 * Answers the values that can be stored, complete; undefined when the row is skipped.
 *
 * @param required the attributes without which the row is nothing
 */
export function acceptable(
  declared: DeclaredValues,
  values: Values,
  required: readonly string[],
  notes: Notes,
): Values | undefined {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const faults = new Map<string, string>();
  for (const { place, detail } of declared.faultsIn(given)) {
    const [, attribute = '', member] = place.split('/');
    const at =
      member !== undefined && membersStandAlone.has(attribute) ? `${attribute}.${member}` : attribute;
    // Absent is null: what a creation must name, a file need not know.
    if (at in given || at.includes('.') || required.includes(at)) faults.set(at, faults.get(at) ?? detail);
  }
  const fatal = [...faults].filter(([at]) => required.includes(at));
  if (fatal.length > 0) {
    notes.skipped(fatal.map(([at, detail]) => `${at}: ${detail}`).join(' '));
    return undefined;
  }
  for (const [at, detail] of faults) notes.remark(`${at} is left out: ${detail}`);
  return declared.whole(without(given, [...faults.keys()]));
}

function without(values: Values, faulty: readonly string[]): Values {
  const kept = Object.entries(values).filter(([attribute]) => !faulty.includes(attribute));
  return Object.fromEntries(
    kept.map(([attribute, value]) => {
      if (!membersStandAlone.has(attribute) || typeof value !== 'object' || value === null)
        return [attribute, value];
      const members = Object.entries(value).filter(([name]) => !faulty.includes(`${attribute}.${name}`));
      return [attribute, Object.fromEntries(members)];
    }),
  );
}
