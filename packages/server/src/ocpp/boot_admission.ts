// How a fleet that comes back at once spreads itself: heartbeats of different lengths from then on, and, while the store
// cannot keep up, a boot that is to be repeated (OCPP 1.6 §4.2, Pending), which costs nothing but its answer.

export type BootAdmission = {
  /** Whether the station may report now. */
  readonly isAdmitted: boolean;
  /** Seconds between heartbeats, or until the next boot. */
  readonly intervalSeconds: number;
};

// A group commit takes 500 facts in about 20 ms: more than a fifth of a second is waiting.
const mostWaiting = 5_000;
const repeatAfterSeconds = { least: 10, most: 40 };
// Of the heartbeat's seconds: two stations that booted together are this far apart at most after the first.
const spread = 0.1;

/**
 * @param heartbeatSeconds no station is told to wait longer between heartbeats
 * @param waitingCount facts of stations that wait for their commit
 */
export function bootAdmission(heartbeatSeconds: number, waitingCount: () => number) {
  return (connectionId: string): BootAdmission => {
    const fraction = fractionOf(connectionId);
    if (waitingCount() > mostWaiting) {
      const { least, most } = repeatAfterSeconds;
      return { isAdmitted: false, intervalSeconds: Math.round(least + fraction * (most - least)) };
    }
    const intervalSeconds = Math.max(1, Math.round(heartbeatSeconds * (1 - spread * fraction)));
    return { isAdmitted: true, intervalSeconds };
  };
}

/** The end of a UUID is random already: a number from 0 to 1. */
function fractionOf(uuid: string): number {
  const end = Number.parseInt(uuid.slice(-8), 16);
  return Number.isNaN(end) ? 0 : end / 0xffff_ffff;
}
