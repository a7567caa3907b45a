// Query parameters: each known, each once (JSON:API 1.1 §5.4: an unknown one is 400), all faults in one answer.
// Brackets may come raw or percent-encoded; both are the same parameter.

import type { Fault } from './errors.ts';
import { RequestRefused } from './errors.ts';

export type QueryParameters = {
  /** Name and value of each parameter, decoded, in the order in which they came. */
  readonly all: readonly (readonly [string, string])[];
  get(name: string): string | undefined;
  /** Notes that a parameter's value is wrong. */
  refuse(name: string, detail: string): void;
  /** @throws {RequestRefused} with every fault found so far, when there is one */
  throwFaults(): void;
};

/**
 * Answers the parameters of a query string. Those that are unknown or come twice are faults already.
 *
 * @param query     without `?`
 * @param supported the names that this route knows
 */
export function queryParameters(query: string, supported: readonly string[]): QueryParameters {
  const all = [...new URLSearchParams(query)];
  const values = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, value] of all) {
    const source = { parameter: name };
    if (!supported.includes(name)) {
      faults.push({
        code: 'unknown_parameter',
        detail: `The parameter ${name} is not supported here.`,
        source,
      });
    } else if (values.has(name)) {
      faults.push({
        code: 'repeated_parameter',
        detail: `The parameter ${name} is given more than once.`,
        source,
      });
    } else {
      values.set(name, value);
    }
  }
  return {
    all,
    get: (name) => values.get(name),
    refuse(name, detail) {
      faults.push({ code: 'invalid_parameter', detail, source: { parameter: name } });
    },
    throwFaults() {
      const [first, ...others] = faults;
      if (first !== undefined) throw new RequestRefused([first, ...others]);
    },
  };
}
