import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { simulatedStationIdentity, startFleet } from '../src/index.ts';
import { centralSystem } from './central_system.ts';

const stations = [1, 2, 3, 4, 5].map((n) => simulatedStationIdentity(n));

describe('a simulated fleet', () => {
  test('counts how its stations stand', async () => {
    const { url } = await centralSystem();
    const fleet = startFleet({ url, stations, connectRate: 1_000 });
    onTestFinished(() => fleet.close());
    expect(fleet.state).toEqual({ stations: 5, connected: 0, booted: 0 });
    await fleet.allBooted;
    expect(fleet.state).toEqual({ stations: 5, connected: 5, booted: 5 });
    await fleet.close();
    expect(fleet.state).toEqual({ stations: 5, connected: 0, booted: 0 });
  });

  test('connects at its rate', async () => {
    const { url, handshakes } = await centralSystem();
    const begunAt = performance.now();
    const fleet = startFleet({ url, stations, connectRate: 20 });
    onTestFinished(() => fleet.close());
    await handshakes.firsts(5, () => true);
    expect(performance.now() - begunAt).toBeGreaterThan(195);
  });

  test('tells who waits for its boot that it was closed', async () => {
    const { url } = await centralSystem();
    const fleet = startFleet({ url, stations });
    await fleet.close();
    await expect(fleet.allBooted).rejects.toThrow('closed before all its stations were booted');
  });

  test('lets a process end by itself when it is closed', async () => {
    const { url } = await centralSystem();
    const program = new URL('close_and_end.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [program, url], { timeout: 15_000 });
    expect(stdout).toBe('3 booted, closed\n');
  });
});
