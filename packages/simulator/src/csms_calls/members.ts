// Reads the members of a call's payload. What has not the type of its schema is a WrongType.

import type { Payload } from '../frames.ts';

/** Answered as TypeConstraintViolation (OCPP-J 1.6 §4.2.3). */
export class WrongType extends Error {}

export function integerIn(payload: Payload, name: string): number {
  const value = payload[name];
  if (!Number.isInteger(value)) throw new WrongType(`${name} must be an integer.`);
  return value as number;
}

export function textIn(payload: Payload, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string') throw new WrongType(`${name} must be a string.`);
  return value;
}

export function instantIn(payload: Payload, name: string): Date {
  const value = new Date(textIn(payload, name));
  if (Number.isNaN(value.getTime())) throw new WrongType(`${name} must be a date and time.`);
  return value;
}

export function wordIn<Word extends string>(payload: Payload, name: string, words: readonly Word[]): Word {
  const value = textIn(payload, name);
  if (!(words as readonly string[]).includes(value)) {
    throw new WrongType(`${name} must be one of ${words.join(', ')}.`);
  }
  return value as Word;
}

export function objectIn(payload: Payload, name: string): Payload {
  const value = payload[name];
  if (!isObject(value)) throw new WrongType(`${name} must be an object.`);
  return value;
}

export function objectsIn(payload: Payload, name: string): Payload[] {
  const value = payload[name];
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new WrongType(`${name} must be a list of objects.`);
  }
  return value;
}

/** Reads a member with `read` where it is there. */
export function optional<T>(
  read: (payload: Payload, name: string) => T,
  payload: Payload,
  name: string,
): T | undefined {
  return payload[name] === undefined ? undefined : read(payload, name);
}

function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
