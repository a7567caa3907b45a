// Constraints of the database that a write can break, told as the rules of the domain that they stand for.

import { Invalid } from '../domain/index.ts';
import type { DomainError } from '../domain/index.ts';
import { brokenConstraint } from './database.ts';

/** By the constraint's name, the rule. */
export type BrokenRules = Readonly<Record<string, (cause: unknown) => DomainError>>;

export type Refusing = <T>(write: () => Promise<T>) => Promise<T>;

/** Answers a function that does a write, and throws the rule that it breaks; what breaks none is thrown as it is. */
export function refusingBy(rules: BrokenRules): Refusing {
  return async (write) => {
    try {
      return await write();
    } catch (cause) {
      const rule = rules[brokenConstraint(cause) ?? ''];
      throw rule === undefined ? cause : rule(cause);
    }
  };
}

export const noSuchCompany = (cause: unknown) =>
  new Invalid('There is no such company.', { cause, field: 'companyId' });
export const noSuchChargingStation = (cause: unknown) =>
  new Invalid('There is no such charging station.', { cause, field: 'chargingStationId' });
