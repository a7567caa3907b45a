// The command line as a user meets it: a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { centralSystem } from './central_system.ts';
import { EventLog } from './event_log.ts';

const program = new URL('../bin/chargeyard_simulator.js', import.meta.url).pathname;

function startedProcess(...options: string[]) {
  const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = new EventLog<string>();
  createInterface(child.stdout).on('line', lines.push);
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return {
    lines,
    interrupt: () => child.kill('SIGINT'),
    end: async () => {
      const [exitCode] = (await closed) as [number | null];
      return { exitCode, errors };
    },
  };
}

describe('chargeyard-simulator', () => {
  test('prints a line when the state changes', async () => {
    const { url } = await centralSystem();
    const { lines } = startedProcess('--url', url, '--stations', '3');
    expect(await lines.first((line) => line.startsWith('3 stations: 3 connected, 3 booted'))).toBeDefined();
  });

  test('closes its stations at Ctrl-C and exits with 0', async () => {
    const { url } = await centralSystem();
    const { lines, interrupt, end } = startedProcess('--url', url, '--stations', '2');
    await lines.first((line) => line === '2 stations: 2 connected, 2 booted');
    interrupt();
    interrupt();
    expect(await end()).toEqual({ exitCode: 0, errors: '' });
    expect(lines.all.at(-1)).toBe('2 stations: 0 connected, 0 booted');
  });

  test('exits with 0 at Ctrl-C while it cannot connect', async () => {
    const { url } = await centralSystem({ refusals: Array.from({ length: 1_000 }, () => 401) });
    const { lines, interrupt, end } = startedProcess('--url', url);
    await lines.first(
      (line) => line === '1 station: 0 connected, 0 booted (cp_1: the handshake was answered with HTTP 401)',
    );
    interrupt();
    expect(await end()).toEqual({ exitCode: 0, errors: '' });
  });

  test('prints events as JSON lines', async () => {
    const { url } = await centralSystem();
    const { lines } = startedProcess('--url', url, '--json', '--prefix', 'x', '--first', '7');
    const line = await lines.first((text) => text.includes('"booted"'));
    expect(JSON.parse(line)).toEqual({
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      type: 'booted',
      heartbeatIntervalMs: 300_000,
      identity: 'x7',
    });
  });

  test('takes a password for each station from a file', async () => {
    const { url, handshakes } = await centralSystem();
    const file = await credentialsFile({ cp_1: 'one', cp_2: 'two' });
    startedProcess('--url', url, '--stations', '2', '--credentials', file);
    expect(await handshakes.firsts(2, () => true)).toEqual([
      { identity: 'cp_1', password: 'one' },
      { identity: 'cp_2', password: 'two' },
    ]);
  });

  test('names the station that the credentials file has no password for', async () => {
    const file = await credentialsFile({ cp_1: 'one' });
    const { end } = startedProcess('--url', 'ws://localhost/x', '--stations', '2', '--credentials', file);
    expect(await end()).toEqual({
      exitCode: 1,
      errors: 'error: the credentials file has no password for cp_2.\n',
    });
  });

  test.each([
    [[], "error: required option '--url <url>' not specified"],
    [['--url', 'localhost:8080'], '"localhost:8080" is not a WebSocket URL'],
    [['--url', 'ws://localhost/x', '--stations', '0'], 'It must be a whole number from 1'],
    [['--url', 'ws://localhost/x', '--connect-rate', '-1'], 'It must be a number above 0.'],
    [['--url', 'ws://localhost/x', '--colour'], "error: unknown option '--colour'"],
    [['--url', 'ws://localhost/x', '--credentials', '/no/file'], 'It cannot be read as JSON: ENOENT'],
  ])('refuses the options %j in one sentence', async (options, sentence) => {
    const { exitCode, errors } = await startedProcess(...options).end();
    expect(exitCode).toBe(1);
    expect(errors).toContain(sentence);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  test('prints its options with --help', async () => {
    const { lines, end } = startedProcess('--help');
    expect(await end()).toEqual({ exitCode: 0, errors: '' });
    expect(lines.all[0]).toBe('Usage: chargeyard-simulator [options]');
  });
});

async function credentialsFile(passwords: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chargeyard_simulator_'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'credentials.json');
  await writeFile(file, JSON.stringify(passwords));
  return file;
}
