// What a verb is given, checked: all that is wrong with it is told at once.

import { DomainError, throwAll } from '../domain/index.ts';

/**
 * Runs all checks, one after the other, and answers what each answers.
 *
 * @throws {AggregateError} of the {DomainError}s of all checks that failed; the first error of another kind as it is
 */
export async function allOf<Checks extends Readonly<Record<string, () => unknown>>>(
  checks: Checks,
): Promise<{ [Name in keyof Checks]: Awaited<ReturnType<Checks[Name]>> }> {
  const faults: DomainError[] = [];
  const checked: [string, unknown][] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      checked.push([name, await check()]);
    } catch (error) {
      const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
      for (const each of errors) {
        if (!(each instanceof DomainError)) throw error;
        faults.push(each);
      }
    }
  }
  throwAll(faults);
  return Object.fromEntries(checked) as { [Name in keyof Checks]: Awaited<ReturnType<Checks[Name]>> };
}
