// What a transaction has locked stays as it is until its end: the rules of a write and the write itself look at the same.

import type { Tables } from '../store/index.ts';

/** Answers a function that finds the same thing once in each transaction, which is about one resource. */
export function oncePerTransaction<Asked extends { readonly tables: Tables }, Found>(
  find: (asked: Asked) => Promise<Found>,
): (asked: Asked) => Promise<Found> {
  const found = new WeakMap<Tables, Promise<Found>>();
  return (asked) => {
    const known = found.get(asked.tables) ?? find(asked);
    found.set(asked.tables, known);
    return known;
  };
}
