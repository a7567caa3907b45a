// Keeps the newest of what was made at some cost, within a size. Whatever is kept is found by a key that names it exactly,
// so nothing here is ever out of date, only unused.

export type Kept<V> = {
  get(key: string): V | undefined;
  set(key: string, value: V, size: number): void;
};

/**
 * Answers a store in which what was not used for the longest time is lost first. Two generations: when the young one has
 * grown to half of the size it becomes the old one, and the old one, without what was used meanwhile, is dropped.
 *
 * @param largestSize in the unit of `set`
 */
export function keptWithin<V>(largestSize: number): Kept<V> {
  let young = new Map<string, { value: V; size: number }>();
  let old: typeof young = new Map();
  let youngSize = 0;

  function add(key: string, entry: { value: V; size: number }): void {
    young.set(key, entry);
    youngSize += entry.size;
    if (youngSize <= largestSize / 2) return;
    [old, young, youngSize] = [young, new Map(), 0];
  }

  return {
    get(key) {
      const entry = young.get(key);
      if (entry !== undefined) return entry.value;
      const older = old.get(key);
      if (older === undefined) return undefined;
      old.delete(key);
      add(key, older);
      return older.value;
    },
    set(key, value, size) {
      youngSize -= young.get(key)?.size ?? 0;
      old.delete(key);
      add(key, { value, size });
    },
  };
}
