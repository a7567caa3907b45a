// Whose turn it is to be delivered. A tenant has a share of what is under way at once, so that one with many webhooks, or with
// slow receivers, leaves room for the others.

export type Turns<T> = {
  /** Has these wait for their turn, and no others; who waited before keeps his place. What is under way is passed over. */
  lineUp(wanted: readonly T[]): void;
  /**
   * Answers whose turn it is, and counts it as under way; undefined where it is nobody's. The tenant with the fewest under way
   * comes first, and of its webhooks the one that waits longest.
   */
  next(): T | undefined;
  end(one: T): void;
  /** Answers whether another's turn would come if this one's ended. */
  isAwaited(one: T): boolean;
};

type Member = { readonly tenantId: string; readonly id: string };

/** @param limits how many are under way at once, of all and of a tenant */
export function createTurns<T extends Member>(limits: {
  readonly atOnce: number;
  readonly ofTenant: number;
}): Turns<T> {
  const underWay = new Set<string>();
  const counts = new Map<string, number>();
  let waiting = new Map<string, T>();

  const countOf = ({ tenantId }: Member) => counts.get(tenantId) ?? 0;
  const count = (one: Member, change: 1 | -1) => {
    const after = countOf(one) + change;
    if (after === 0) counts.delete(one.tenantId);
    else counts.set(one.tenantId, after);
  };
  const hasRoom = (one: Member) => countOf(one) < limits.ofTenant;
  const isFull = () => underWay.size >= limits.atOnce;

  return {
    lineUp(wanted) {
      const fresh = new Map(wanted.filter(({ id }) => !underWay.has(id)).map((one) => [one.id, one]));
      const before = [...waiting.keys()].flatMap((id) => fresh.get(id) ?? []);
      waiting = new Map([...before, ...fresh.values()].map((one) => [one.id, one]));
    },
    next() {
      if (isFull()) return undefined;
      const inTurn = [...waiting.values()]
        .filter(hasRoom)
        .reduce<T | undefined>(
          (first, one) => (first === undefined || countOf(one) < countOf(first) ? one : first),
          undefined,
        );
      if (inTurn === undefined) return undefined;
      waiting.delete(inTurn.id);
      underWay.add(inTurn.id);
      count(inTurn, 1);
      return inTurn;
    },
    end(one) {
      if (underWay.delete(one.id)) count(one, -1);
    },
    isAwaited: ({ tenantId }) =>
      [...waiting.values()].some((one) => one.tenantId === tenantId || (isFull() && hasRoom(one))),
  };
}
