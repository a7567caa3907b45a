// The log writes to the process's standard error, so a process of its own logs here.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const module = fileURLToPath(new URL('../src/log.ts', import.meta.url));
const secret = 'hunter2hunter2';

const script = `
  const { createLog } = await import(process.env.LOG_MODULE);
  const log = createLog({ level: 'info', toTerminal: process.env.TO_TERMINAL === 'yes' });
  const secret = process.env.SECRET;
  log.debug('not shown');
  log.info({ client_secret: secret, req: { headers: { authorization: secret } }, client: { clientSecret: secret, secretHash: secret } }, 'one');
  log.warn({ password: secret, station: { password: secret, passwordHash: secret }, answer: { body: { access_token: secret } } }, 'two');
`;

function logged(toTerminal: boolean): { stdout: string; stderr: string } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, LOG_MODULE: module, SECRET: secret, TO_TERMINAL: toTerminal ? 'yes' : 'no' },
  });
  expect(status).toBe(0);
  return { stdout, stderr };
}

describe('the log', () => {
  it('is JSON lines on standard error, with levels as words, instants in UTC, and no secret', () => {
    const { stdout, stderr } = logged(false);
    expect(stdout).toBe('');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const hidden = '[secret]';
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        level: 'info',
        time,
        client_secret: hidden,
        req: { headers: { authorization: hidden } },
        client: { clientSecret: hidden, secretHash: hidden },
        msg: 'one',
      },
      {
        level: 'warn',
        time,
        password: hidden,
        station: { password: hidden, passwordHash: hidden },
        answer: { body: { access_token: hidden } },
        msg: 'two',
      },
    ]);
  });

  it('is readable lines at a terminal, with no secret either', () => {
    const { stdout, stderr } = logged(true);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/INFO.*one/);
    expect(stderr).toMatch(/WARN.*two/);
    expect(stderr).not.toContain(secret);
    expect(stderr).not.toContain('not shown');
  });
});
