// How often each of many did something in a while, in memory, per process. A key's while begins with the first time, and
// after it is over with the next.

type Counted = {
  /** With the one that was added just now. */
  readonly count: number;
  /** When the while is over, in milliseconds since 1970. */
  readonly endsAt: number;
};

export function createCounts(whileMs: number) {
  // Whose while began first is the first.
  const byKey = new Map<string, Counted>();
  // Or the clock went back.
  const isOver = ({ endsAt }: Counted, now: number) => endsAt <= now || endsAt > now + whileMs;
  const forgetEnded = (now: number) => {
    for (const [key, counted] of byKey) {
      if (!isOver(counted, now)) return;
      byKey.delete(key);
    }
  };
  return {
    /** Counts one more. */
    add(key: string, now: number): Counted {
      forgetEnded(now);
      const { count, endsAt } = byKey.get(key) ?? { count: 0, endsAt: now + whileMs };
      const counted = { count: count + 1, endsAt };
      byKey.set(key, counted);
      return counted;
    },
  };
}
