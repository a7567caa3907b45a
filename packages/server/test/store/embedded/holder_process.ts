// Starts `holder.ts` and speaks with it.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { DatabaseConnection } from '../../../src/store/embedded/index.ts';

type Message = { progress?: string; opened?: DatabaseConnection; refused?: string };

export type HolderProcess = {
  readonly pid: number;
  /** Its superuser's connection once it is open; rejects when it was refused. */
  readonly opened: Promise<DatabaseConnection>;
  /** Lets it close in order, and waits until the process has ended. */
  close(): Promise<void>;
  /** kill -9, and waits until it is dead. */
  kill(): Promise<void>;
};

const running = new Set<HolderProcess>();

afterEach(async () => {
  await Promise.all([...running].map((holder) => holder.kill()));
});

export function holderProcess(
  dataFolder: string,
  purpose: 'server' | 'verb',
  user?: { uid: number; gid: number },
): HolderProcess {
  const script = fileURLToPath(new URL('holder.ts', import.meta.url));
  const child = fork(script, [dataFolder, purpose], { execArgv: [], cwd: '/', ...user });
  const exited = once(child, 'exit');
  const opened = new Promise<DatabaseConnection>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.opened !== undefined) resolve(message.opened);
      if (message.refused !== undefined) reject(new Error(message.refused));
    });
    void exited.then(() => reject(new Error('it ended before it was open')));
  });
  // A test that kills it does not wait for it.
  opened.catch(() => undefined);
  const holder = {
    pid: child.pid ?? 0,
    opened,
    close: async () => {
      child.send('close');
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
  running.add(holder);
  void exited.then(() => running.delete(holder));
  return holder;
}
