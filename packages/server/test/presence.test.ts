import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPresence } from '../src/presence.ts';
import { systemClock } from '../src/clock.ts';
import { Unavailable } from '../src/domain/index.ts';
import type { Store } from '../src/store/index.ts';

type Beat = Awaited<ReturnType<Store['serverProcesses']['beat']>>;
const inTime: Beat = { isKnown: true, silentForMs: 5_000 };

const beat = vi.fn<(name: string) => Promise<Beat>>();
const forgetLost = vi.fn<() => Promise<string[]>>(async () => []);
const forget = vi.fn<() => Promise<void>>(async () => undefined);
const wasLost = vi.fn<() => Promise<void>>(async () => undefined);

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  beat.mockResolvedValue(inTime);
});
afterEach(() => {
  vi.useRealTimers();
});

const started = () =>
  startPresence({
    store: { serverProcesses: { beat, forget, forgetLost } as unknown as Store['serverProcesses'] },
    node: 'one/1',
    clock: systemClock,
    log: pino({ level: 'silent' }),
    wasLost,
  });
const beats = (count: number) => vi.advanceTimersByTimeAsync(count * 5_000);

describe('a process', () => {
  it('says every five seconds that it runs, and leaves when it ends', async () => {
    const presence = await started();
    expect(forget).toHaveBeenCalledTimes(1);
    await beats(3);
    expect(beat).toHaveBeenCalledTimes(1 + 3);
    expect(wasLost).not.toHaveBeenCalled();
    await presence.close();
    expect(forget).toHaveBeenCalledTimes(2);
    await beats(3);
    expect(beat).toHaveBeenCalledTimes(1 + 3);
  });

  it.each([
    ['was silent for long', { isKnown: true, silentForMs: 10_000 }],
    ['is not known any more', { isKnown: false, silentForMs: 0 }],
  ])('looks after its connections when it %s', async (_, late) => {
    const presence = await started();
    beat.mockResolvedValueOnce(late);
    await beats(2);
    expect(wasLost).toHaveBeenCalledTimes(1);
    await presence.close();
  });

  it('does not take others for lost before they had the time to say that they run, after it could not itself', async () => {
    const presence = await started();
    await beats(4);
    expect(forgetLost).not.toHaveBeenCalled();
    await beats(1);
    expect(forgetLost).toHaveBeenCalledTimes(1);
    beat.mockRejectedValueOnce(new Unavailable('away'));
    await beats(1 + 4);
    expect(forgetLost).toHaveBeenCalledTimes(1);
    await beats(1);
    expect(forgetLost).toHaveBeenCalledTimes(2);
    await presence.close();
  });
});
