// How long a station waits: all its durations in one place, as pure functions of an injected random number.

/** A random number, 0 ≤ r < 1, as Math.random. */
export type Random = () => number;

/** After how long a call without an answer counts as lost. Milliseconds. */
export const callTimeoutMs = 30_000;

const firstReconnectMs = 1_000;
const longestReconnectMs = 60_000;

// Above this, Node's timers fire at once instead of late.
const longestTimerMs = 2_147_483_647;

/**
 * Answers the wait before a reconnect: exponential with full jitter, so that a fleet that lost its server together
 * does not come back together.
 *
 * @param attempt reconnects since the last accepted boot, from 0
 * @returns milliseconds, 0–1 000 at the first attempt, never above 60 000
 */
export function reconnectPauseMs(attempt: number, random: Random): number {
  return Math.round(random() * Math.min(longestReconnectMs, firstReconnectMs * 2 ** attempt));
}

/**
 * Answers the wait before the next BootNotification after one that was not accepted.
 *
 * @param intervalSeconds the answer's `interval`; at 0 or below the station chooses for itself
 * @returns milliseconds; 30 000–90 000 when the station chooses
 * @see OCPP 1.6 §4.2 Boot Notification
 */
export function bootRetryPauseMs(intervalSeconds: number, random: Random): number {
  if (intervalSeconds > 0) return Math.min(intervalSeconds * 1000, longestTimerMs);
  return Math.round(30_000 + random() * 60_000);
}

/**
 * Answers the time between two heartbeats.
 *
 * @param intervalSeconds the accepted boot's `interval`; at 0 or below the station chooses: five minutes
 * @returns milliseconds
 * @see OCPP 1.6 §4.6 Heartbeat
 */
export function heartbeatIntervalMs(intervalSeconds: number): number {
  return intervalSeconds > 0 ? Math.min(intervalSeconds * 1000, longestTimerMs) : 300_000;
}

/**
 * Answers the wait until one of a station's connectors changes its status: a minute per connector on average.
 *
 * @param connectors how many the station has, from 1
 * @returns milliseconds
 */
export function statusPauseMs(connectors: number, random: Random): number {
  return Math.round((random() * 120_000) / connectors);
}

/**
 * Answers how long a driver needs to take out the cable after the end.
 *
 * @returns milliseconds, at most 5 000
 */
export function unplugPauseMs(random: Random): number {
  return Math.round(random() * 5_000);
}

/**
 * Answers how long a step of a firmware update takes.
 *
 * @returns milliseconds, at most 10 000
 */
export function firmwareStepPauseMs(random: Random): number {
  return Math.round(random() * 10_000);
}
