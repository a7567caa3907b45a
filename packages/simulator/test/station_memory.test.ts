import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { simulatedStationIdentity } from '../src/index.ts';
import { StationMemory } from '../src/station_memory.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what a station keeps when its connection ends', () => {
  test('leaves no timer when the station is closed, and makes none afterwards', async () => {
    const memory = new StationMemory(simulatedStationIdentity(1), () => 0.5);
    const { charging, reservations, firmware, uplink } = memory;
    uplink.open({
      call: async (action) => ({
        kind: 'result',
        payload: action === 'StartTransaction' ? { transactionId: 1, idTagInfo: { status: 'Accepted' } } : {},
        durationMs: 1,
      }),
      reportStatus: () => {},
    });
    await charging.begin(1, { idTag: 'DRIVER', isToBeAuthorized: false });
    await vi.advanceTimersByTimeAsync(0);
    const expiryDate = new Date(Date.now() + 60_000);
    reservations.reserve({ id: 1, connectorNumber: 2, idTag: 'DRIVER', parentIdTag: undefined, expiryDate });
    void firmware.begin('https://files.example.com/1.2.3', new Date(), () => {});
    expect(charging.withId(1)).toMatchObject({ isCharging: true });
    expect(vi.getTimerCount()).toBe(3);
    memory.close();
    charging.end(1, 'Local');
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
