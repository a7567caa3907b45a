import { describe, expect, it } from 'vitest';
import { Invalid, checkedIdentity } from '../../src/domain/index.ts';

describe('checkedIdentity', () => {
  it.each(['cp_1', 'A', '0', 'AT*HTB*E00008', 'a-b_c=d+e|f@g.h', 'x'.repeat(48)])(
    'takes "%s"',
    (identity) => {
      expect(checkedIdentity(identity)).toBe(identity);
    },
  );

  it.each([
    '',
    'x'.repeat(49),
    'a b',
    ' a',
    'a\n',
    'a/b',
    'a:b',
    'a%20b',
    'a?b',
    'a#b',
    'ä',
    '１',
    'a\0',
    'a,b',
    '<a>',
  ])('refuses "%s"', (identity) => {
    expect(() => checkedIdentity(identity)).toThrow(Invalid);
  });

  it('says in a sentence what is allowed, and repeats no more than the beginning of what was given', () => {
    expect(() => checkedIdentity('ü'.repeat(1_000))).toThrow(
      `"${'ü'.repeat(64)}" is no charging station identity: 1 to 48 characters of A–Z a–z 0–9 * - _ = + | @ .`,
    );
  });
});
