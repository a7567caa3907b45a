// Values of a file, taken as what they are meant to be as far as that is beyond doubt. Real files write null or "" for
// what is not known, and numbers for ids.

import { isObject } from '../json_api/index.ts';

export type Given = Readonly<Record<string, unknown>>;

/** Answers the value if it is an object. */
export function objectIn(value: unknown): Given | undefined {
  return isObject(value) ? value : undefined;
}

/** Answers a text without the blanks around it; undefined when there is none. */
export function textIn(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' ? undefined : text;
}

/** Answers a number that may be written as a text; what is no number stays as it is, for the declaration to refuse. */
export function numberIn(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? undefined;
  const text = value.trim();
  if (text === '') return undefined;
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
}

/** Answers a word of an enumeration without the blanks around it; what is no text stays, for the declaration to refuse. */
export function wordIn(value: unknown): unknown {
  return typeof value === 'string' ? textIn(value) : (value ?? undefined);
}
