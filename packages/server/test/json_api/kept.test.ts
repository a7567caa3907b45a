import { describe, expect, it } from 'vitest';
import { keptWithin } from '../../src/json_api/kept.ts';

describe('what is kept', () => {
  it('is found by its key, in its newest value', () => {
    const kept = keptWithin<string>(10);
    kept.set('a', 'old', 1);
    kept.set('a', 'new', 1);
    expect([kept.get('a'), kept.get('b')]).toEqual(['new', undefined]);
  });

  it('never takes more than the size in all', () => {
    const kept = keptWithin<number>(10);
    for (let n = 0; n < 100; n += 1) kept.set(String(n), n, 1);
    const found = Array.from({ length: 100 }, (_, n) => kept.get(String(n))).filter((n) => n !== undefined);
    expect(found.length).toBeGreaterThan(3);
    expect(found.length).toBeLessThanOrEqual(10);
    expect(found.at(-1)).toBe(99);
  });

  it('goes when it was not used for the longest time, and stays while it is used', () => {
    const kept = keptWithin<string>(10);
    kept.set('used', 'used', 1);
    kept.set('unused', 'unused', 1);
    for (let n = 0; n < 100; n += 1) {
      kept.set(String(n), 'other', 1);
      kept.get('used');
    }
    expect([kept.get('used'), kept.get('unused')]).toEqual(['used', undefined]);
  });

  it('counts one key once, however often it is set', () => {
    const kept = keptWithin<number>(10);
    kept.set('other', 0, 1);
    for (let n = 0; n < 100; n += 1) kept.set('a', n, 1);
    expect([kept.get('other'), kept.get('a')]).toEqual([0, 99]);
  });

  it('is dropped when it is larger than the whole', () => {
    const kept = keptWithin<string>(10);
    kept.set('a', 'small', 1);
    kept.set('b', 'huge', 100);
    kept.set('c', 'huge', 100);
    expect(kept.get('a')).toBeUndefined();
  });
});
