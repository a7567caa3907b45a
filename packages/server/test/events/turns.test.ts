// Who is delivered when more want to be than can at once.

import { describe, expect, it } from 'vitest';
import { createTurns } from '../../src/events/turns.ts';
import type { Turns } from '../../src/events/turns.ts';

type Member = { tenantId: string; id: string; version?: number };

const limits = { atOnce: 4, ofTenant: 2 };
const of = (tenantId: string, count: number): Member[] =>
  Array.from({ length: count }, (_, at) => ({ tenantId, id: `${tenantId}${at + 1}` }));

/** Begins all whose turn it is; answers their ids. */
function begun(turns: Turns<Member>): string[] {
  const ids: string[] = [];
  for (let one = turns.next(); one !== undefined; one = turns.next()) ids.push(one.id);
  return ids;
}

describe('turns', () => {
  it('come to all at once where all have room', () => {
    const turns = createTurns<Member>(limits);
    turns.lineUp([...of('a', 2), ...of('b', 2)]);
    expect(begun(turns).toSorted()).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('come to a tenant’s share of them at once, and to the next when one ends', () => {
    const turns = createTurns<Member>(limits);
    turns.lineUp(of('a', 4));
    expect(begun(turns)).toEqual(['a1', 'a2']);
    turns.end({ tenantId: 'a', id: 'a2' });
    expect(begun(turns)).toEqual(['a3']);
  });

  it('come to the tenant first that has the fewest', () => {
    const turns = createTurns<Member>(limits);
    turns.lineUp([...of('a', 3), ...of('b', 3), ...of('c', 3)]);
    expect(begun(turns)).toEqual(['a1', 'b1', 'c1', 'a2']);
    turns.end({ tenantId: 'a', id: 'a1' });
    expect(begun(turns)).toEqual(['a3']);
    turns.end({ tenantId: 'b', id: 'b1' });
    expect(begun(turns)).toEqual(['b2']);
  });

  it('come to who waits longest, as he was said to be last', () => {
    const turns = createTurns<Member>(limits);
    const [first, second, third, fourth] = of('a', 4) as [Member, Member, Member, Member];
    turns.lineUp([first, second, third]);
    expect(begun(turns)).toEqual(['a1', 'a2']);
    turns.lineUp([fourth, first, { ...third, version: 2 }]);
    turns.end(first);
    turns.end(second);
    turns.lineUp([first, fourth, { ...third, version: 3 }]);
    expect(turns.next()).toEqual({ ...third, version: 3 });
    expect(begun(turns)).toEqual(['a4']);
  });

  it('do not come to who is not wanted any more', () => {
    const turns = createTurns<Member>(limits);
    const [first, second, third] = of('a', 3) as [Member, Member, Member];
    turns.lineUp([first, second, third]);
    begun(turns);
    turns.lineUp([]);
    turns.end(first);
    expect(turns.next()).toBeUndefined();
  });

  it('are awaited by the same tenant’s others, and by all who have room where it is full', () => {
    const turns = createTurns<Member>(limits);
    const [a, b, c] = [of('a', 3), of('b', 1), of('c', 2)];
    const isAwaited = (id: string) => turns.isAwaited({ tenantId: id[0] ?? '', id });
    turns.lineUp([...a, ...b]);
    begun(turns);
    expect(['a1', 'b1'].map(isAwaited)).toEqual([true, false]);
    turns.lineUp([...a, ...b, ...c]);
    expect(begun(turns)).toEqual(['c1']);
    expect(['a1', 'b1', 'c1'].map(isAwaited)).toEqual([true, true, true]);
  });
});
