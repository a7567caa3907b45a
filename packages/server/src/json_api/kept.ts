// Keeps what was made at some cost, within a size. Whatever is kept is found by a key, or a version with it, that tells
// exactly what it is, so nothing here is ever out of date, only unused.

export type Kept<V> = {
  get(key: string): V | undefined;
  set(key: string, value: V, size: number): void;
};

/**
 * Answers a store that is empty at first. What came first goes first, but for what was asked for since: that gets a
 * second chance.
 *
 * @param largestSize in the unit of `set`
 */
export function keptWithin<V>(largestSize: number): Kept<V> {
  const entries = new Map<string, { value: V; size: number; wasAskedFor: boolean }>();
  let size = 0;

  // For many at once: going over a Map from its beginning passes over all the places that were left there before.
  function makeRoom(): void {
    for (const [key, entry] of entries) {
      if (size <= (largestSize * 7) / 8) return;
      entries.delete(key);
      if (entry.wasAskedFor) entries.set(key, { ...entry, wasAskedFor: false });
      else size -= entry.size;
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.wasAskedFor = true;
      return entry.value;
    },
    set(key, value, entrySize) {
      size += entrySize - (entries.get(key)?.size ?? 0);
      entries.delete(key);
      entries.set(key, { value, size: entrySize, wasAskedFor: false });
      if (size > largestSize) makeRoom();
    },
  };
}
