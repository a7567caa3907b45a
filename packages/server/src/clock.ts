// The only place that reads the system clock. Everyone else is handed one, so that tests can stand it still.

/** Tells the time. */
export type Clock = { readonly now: () => Date };

export const systemClock: Clock = { now: () => new Date() };
