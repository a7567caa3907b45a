// To which company a user or an API client is bound, and to see no more of it than its writer does. That the writer may see
// the company is checked with all that a write refers to.

import { Invalid, includesBinding } from '../domain/index.ts';
import type { CompanyVisibility } from '../domain/index.ts';
import type { Write } from '../json_api/index.ts';

export type Binding = { readonly company: CompanyVisibility | undefined };

/**
 * Answers what a write's companyId and visibility come to.
 *
 * @param known what it is bound to now
 * @returns the binding after the write, and {Invalid} for what is wrong with it
 */
export function bindingAfter(
  { principal, values }: Write,
  known: Binding = { company: undefined },
): Binding & { readonly faults: Invalid[] } {
  const mine = principal.visibility.company;
  const { companyId = known.company?.companyId ?? null, visibility: mode } = values;
  if (typeof companyId !== 'string') {
    return {
      company: undefined,
      faults: [
        ...fault(mine !== undefined, 'Who is bound to a company must name one.', 'companyId'),
        ...fault(typeof mode === 'string', 'A visibility goes with a company.', 'visibility'),
      ],
    };
  }
  const withSubordinates =
    typeof mode === 'string'
      ? mode === 'subtree'
      : (known.company?.withSubordinates ?? mine?.withSubordinates ?? true);
  const company = { companyId, withSubordinates };
  const isBeyond = !includesBinding(mine, company);
  return {
    company,
    faults: fault(isBeyond, 'Nobody can let others see more than he does himself.', 'visibility'),
  };
}

const fault = (isOne: boolean, message: string, field: string) =>
  isOne ? [new Invalid(message, { field })] : [];
