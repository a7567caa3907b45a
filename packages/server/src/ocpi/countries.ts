// Countries in OCPI's files: alpha-3, or alpha-2 in those that have not heard of it.

import { alpha2ByAlpha3, isCountryCode } from '@chargeyard/contract/countries';

/** Answers the alpha-2 code of a country; undefined when the text is no code, in either form and either case. */
export function countryIn(text: string): string | undefined {
  const code = text.toUpperCase();
  return alpha2ByAlpha3.get(code) ?? (isCountryCode(code) ? code : undefined);
}
