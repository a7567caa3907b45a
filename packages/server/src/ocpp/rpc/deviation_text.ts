// What is told of a deviation: values and names, as long as a line of a log may be.

import { isObject } from './payload_places.ts';

export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '[…]';
  return isObject(value) ? '{…}' : shortened(JSON.stringify(value));
}

export function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
