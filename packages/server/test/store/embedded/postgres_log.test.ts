import { describe, expect, it } from 'vitest';
import { reasonIn } from '../../../src/store/embedded/postgres_log.ts';

const line = (pid: number, text: string) => `2026-11-25 12:00:00.000 UTC [${pid}] ${text}\n`;
const sharedMemory = 'pre-existing shared memory block (key 1, ID 2) is still in use';

describe('the reason why PostgreSQL did not start', () => {
  it.each([
    ['a predecessor’s connection', 'FATAL:  terminating connection due to unexpected postmaster exit'],
    ['another process of a predecessor', 'FATAL:  something that ended it'],
  ])('is its main process’s, although %s ends after it', (_who, text) => {
    const log =
      line(7, `FATAL:  ${sharedMemory}`) + line(7, 'LOG:  database system is shut down') + line(3, text);
    expect(reasonIn(log, 7)).toBe(sharedMemory);
  });

  it('is that of the process that recovers, where the main process has none of its own', () => {
    const log =
      line(8, 'FATAL:  could not locate a valid checkpoint record') +
      line(7, 'LOG:  aborting startup due to startup process failure') +
      line(3, 'FATAL:  terminating connection due to unexpected postmaster exit');
    expect(reasonIn(log, 7)).toBe('could not locate a valid checkpoint record');
  });

  it('is the last line where nothing is fatal, and nothing of an empty log', () => {
    expect(reasonIn('postgres: error while loading shared libraries: libicu.so.60\n', 7)).toBe(
      'postgres: error while loading shared libraries: libicu.so.60',
    );
    expect(reasonIn('', 7)).toBe('');
  });
});
