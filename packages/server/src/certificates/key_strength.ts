// Which keys are strong enough: RSA of 2048 bits or more, or one of NIST's curves from P-256 on (OCPP 1.6 security white
// paper, which asks for RSA of 2048 bits, or a curve of 224, at least).

import type { KeyObject } from 'node:crypto';

const curves = ['prime256v1', 'secp384r1', 'secp521r1'];
const leastBits = 2048;
// FIPS 186-5 §5.1: with a small exponent signatures can be forged where padding is checked badly, and with 1 by anybody.
const leastExponent = 65_537n;

/** Answers what is wrong with a public key, in a sentence; undefined where it is strong enough. */
export function keyFault({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'ec' && curves.includes(details?.namedCurve ?? '')) return undefined;
  if (type !== 'rsa') return 'The key is neither RSA nor of one of the curves P-256, P-384 and P-521.';
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  if (modulusLength < leastBits) return `The key has ${modulusLength} bits; RSA needs ${leastBits}.`;
  if (publicExponent < leastExponent) return `The key’s public exponent is less than ${leastExponent}.`;
  return undefined;
}
