import { describe, expect, it } from 'vitest';
import { Invalid, checkedSlug } from '../../src/domain/index.ts';

describe('checkedSlug', () => {
  it.each(['demo', 'a', '0', 'a-b', 'a--b', 'x'.repeat(63)])('takes "%s", one DNS label', (slug) => {
    expect(checkedSlug(slug)).toBe(slug);
  });

  it.each(['', '-a', 'a-', '-', 'Demo', 'a.b', 'a_b', 'a b', 'ä', 'a\n', 'x'.repeat(64), 'a/b', 'a:1'])(
    'refuses "%s"',
    (slug) => {
      expect(() => checkedSlug(slug)).toThrow(Invalid);
    },
  );
});
