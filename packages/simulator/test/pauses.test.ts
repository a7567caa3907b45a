import { describe, expect, test } from 'vitest';
import { bootRetryPauseMs, heartbeatIntervalMs, reconnectPauseMs, statusPauseMs } from '../src/pauses.ts';

const longest = (): number => 1;

describe('pauses', () => {
  test('a reconnect waits at most 1 s at first, twice as long each time, and 60 s in the end', () => {
    const attempts = [0, 1, 2, 3, 4, 5, 6, 7, 5_000];
    expect(attempts.map((attempt) => reconnectPauseMs(attempt, longest))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('a reconnect has full jitter', () => {
    expect([0, 0.25, 0.5].map((r) => reconnectPauseMs(10, () => r))).toEqual([0, 15_000, 30_000]);
  });

  test('a boot that was not accepted is repeated after the interval', () => {
    expect(bootRetryPauseMs(5, longest)).toBe(5_000);
  });

  test('a boot that was refused without an interval is repeated after 30 to 90 s', () => {
    expect([0, 1].map((r) => bootRetryPauseMs(0, () => r))).toEqual([30_000, 90_000]);
  });

  test('heartbeats come every five minutes when the central system leaves it to the station', () => {
    expect(heartbeatIntervalMs(0)).toBe(300_000);
  });

  test('an interval longer than a timer can be is cut to that', () => {
    expect([heartbeatIntervalMs(1e9), bootRetryPauseMs(1e9, longest)]).toEqual([
      2_147_483_647, 2_147_483_647,
    ]);
  });

  test('a connector changes once a minute on average', () => {
    expect(statusPauseMs(2, () => 0.5)).toBe(30_000);
  });
});
