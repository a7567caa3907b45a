// Instants of a command's parameters as stations read them best: in UTC, since many take no other offset.

import type { Payload } from './command.ts';

type Described = {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, object>>;
  readonly items?: object;
};

/** Answers a value with all that its schema calls an instant in UTC. What is no instant stays as it is. */
export function inUtc(schema: object, value: unknown): unknown {
  const { format, properties, items } = schema as Described;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => inUtc(items, item));
  if (properties !== undefined && typeof value === 'object' && value !== null) {
    const members = Object.entries(value as Payload);
    return Object.fromEntries(members.map(([name, member]) => [name, inUtc(properties[name] ?? {}, member)]));
  }
  if (format !== 'date-time' || typeof value !== 'string') return value;
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? value : instant.toISOString();
}
