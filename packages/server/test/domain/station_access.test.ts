import { describe, expect, it } from 'vitest';
import { hashedStationPassword, isStationPassword } from '../../src/domain/index.ts';

const digits = 'ab'.repeat(20);

describe('a station’s password', () => {
  it.each([
    ['itself', 'a-password-of-16', Buffer.from('a-password-of-16'), true],
    ['itself in another case', 'a-password-of-16', Buffer.from('A-password-of-16'), false],
    ['another', 'a-password-of-16', Buffer.from('a-password-of-17'), false],
    ['nothing', 'a-password-of-16', Buffer.from(''), false],
    ['the bytes of its digits', digits, Buffer.from(digits, 'hex'), true],
    ['the bytes of its capital digits', digits.toUpperCase(), Buffer.from(digits, 'hex'), true],
    ['its digits in another case', digits, Buffer.from(digits.toUpperCase()), true],
    ['the bytes of 16', 'cd'.repeat(16), Buffer.from('cd'.repeat(16), 'hex'), true],
    [
      'the bytes of 15 digits, of which it has 16 as text',
      'cdcdcdcdcdcdcdcd',
      Buffer.from('cdcdcdcdcdcdcdcd', 'hex'),
      false,
    ],
  ])('is sent as %s: %s', (_what, password, sent, isRight) => {
    expect(isStationPassword(sent, hashedStationPassword(password))).toBe(isRight);
  });

  it('is kept as a hash with a salt of its own', () => {
    const [one, other] = [hashedStationPassword(digits), hashedStationPassword(digits)];
    expect(one).toMatch(/^sha256\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
  });
});
