import { describe, expect, test } from 'vitest';
import { simulatedStationIdentity } from '../src/index.ts';

const numbers = [1, 2, 3, 10, 1_000_000, 9_999_999_999];

describe('a simulated station identity', () => {
  test('is always the same for a number', () => {
    expect(simulatedStationIdentity(7)).toEqual(simulatedStationIdentity(7));
  });

  test('is named by prefix and number', () => {
    expect([simulatedStationIdentity(1).identity, simulatedStationIdentity(12, 'load-').identity]).toEqual([
      'cp_1',
      'load-12',
    ]);
  });

  test.each(numbers)('%i keeps to the lengths of a BootNotification', (n) => {
    const station = simulatedStationIdentity(n);
    expect(station.vendor).toMatch(/^.{1,20}$/);
    expect(station.model).toMatch(/^.{1,20}$/);
    expect(station.serialNumber).toMatch(/^.{1,25}$/);
    expect(station.firmwareVersion).toMatch(/^.{1,50}$/);
    expect(station.iccid).toMatch(/^\d{19,20}$/);
    expect(station.imsi).toMatch(/^\d{15}$/);
  });

  test.each(['serialNumber', 'firmwareVersion', 'iccid', 'imsi'] as const)('shares no %s', (attribute) => {
    const values = Array.from(
      { length: 5_000 },
      (_, index) => simulatedStationIdentity(index + 1)[attribute],
    );
    expect(new Set(values).size).toBe(5_000);
  });

  test.each([0, -1, 1.5, Number.NaN, 10_000_000_000])('is refused for the number %d', (n) => {
    expect(() => simulatedStationIdentity(n)).toThrow(RangeError);
  });
});
