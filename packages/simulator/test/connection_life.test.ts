// The slow rules of a connection, with the timers stood still: lost answers, silence after Rejected, the status life.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ConnectionLife } from '../src/connection_life.ts';
import { simulatedStationIdentity } from '../src/index.ts';
import type { StationEventDetail } from '../src/station_event.ts';
import { StationMemory } from '../src/station_memory.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const random = () => 0.5;

/** A life whose connection is a list of sent frames. */
function aConnectionLife({ hasStatusLife = false } = {}) {
  const memory = new StationMemory(simulatedStationIdentity(2), random); // one connector
  const sent: unknown[][] = [];
  const events: StationEventDetail[] = [];
  const giveUp = vi.fn<() => void>();
  const life = new ConnectionLife({
    memory,
    hasStatusLife,
    random,
    send: (text) => sent.push(JSON.parse(text) as unknown[]),
    emit: (detail) => events.push(detail),
    reconnect: () => {},
    restart: () => {},
    giveUp,
  });
  /** Answers the newest call. */
  async function answer(payload: object = {}): Promise<void> {
    life.handleMessage(JSON.stringify([3, sent.at(-1)?.[1], payload]));
    await vi.advanceTimersByTimeAsync(0);
  }
  return { life, sent, events, giveUp, answer, actions: () => sent.map(([, , action]) => action) };
}

const accepted = { status: 'Accepted', currentTime: '2026-11-25T00:00:00Z', interval: 300 };

describe('the life of a connection', () => {
  test('gives up a connection after two lost answers in a row', async () => {
    const { life, answer, giveUp } = aConnectionLife();
    life.boot();
    await answer(accepted); // the two statuses that follow are not answered
    await vi.advanceTimersByTimeAsync(30_000);
    expect(giveUp).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(giveUp).toHaveBeenCalledOnce();
    life.end();
  });

  test('boots again after a boot that was not answered', async () => {
    const { life, actions } = aConnectionLife();
    life.boot();
    await vi.advanceTimersByTimeAsync(30_000 + 60_000);
    expect(actions()).toEqual(['BootNotification', 'BootNotification']);
    life.end();
  });

  test('answers no call of the central system while it is rejected', async () => {
    const { life, sent, answer } = aConnectionLife();
    life.boot();
    await answer({ ...accepted, status: 'Rejected' });
    life.handleMessage(JSON.stringify([2, 'x', 'GetConfiguration', {}]));
    expect(sent).toHaveLength(1);
    life.end();
  });

  test('sends no heartbeat while another call waits for its answer', async () => {
    const { life, answer, actions } = aConnectionLife();
    life.boot();
    await answer({ ...accepted, interval: 10 });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(actions()).toEqual(['BootNotification', 'StatusNotification']);
    life.end();
  });

  test('lets a driver act only after what came of the act before was answered', async () => {
    const { life, answer, sent } = aConnectionLife({ hasStatusLife: true });
    life.boot();
    await answer(accepted);
    await answer();
    await answer();
    await vi.advanceTimersByTimeAsync(60_000);
    await answer();
    await vi.advanceTimersByTimeAsync(60_000 + 29_000);
    expect(sent.slice(3).map(([, , action]) => action)).toEqual(['StatusNotification', 'Authorize']);
    life.end();
  });

  test('ignores and tells what is no OCPP-J message', () => {
    const { life, events, sent } = aConnectionLife();
    for (const text of ['', 'hello', '{}', '[]', '[2]', '[2,"x","Reset"]', '[9,"x",{}]'])
      life.handleMessage(text);
    expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 7 }, () => 'frame_ignored'));
    expect(sent).toEqual([]);
  });

  test('leaves no timer when it ends', async () => {
    const { life, answer } = aConnectionLife({ hasStatusLife: true });
    life.boot();
    await answer(accepted);
    life.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
