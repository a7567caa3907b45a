// The passwords of PostgreSQL's two users, random, one file each in the data folder.

import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

export type Secrets = { readonly superuser: string; readonly role: string };

/**
 * Answers the passwords; makes those that do not exist yet. Call it behind the start gate: two processes that make
 * one at once would not agree.
 */
export async function keptSecrets(dataFolder: string): Promise<Secrets> {
  return {
    superuser: await keptSecret(join(dataFolder, 'postgres_superuser_password')),
    role: await keptSecret(join(dataFolder, 'postgres_password')),
  };
}

async function keptSecret(path: string): Promise<string> {
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
  if (kept.trim() !== '') return kept.trim();

  const secret = randomBytes(24).toString('base64url');
  // Written aside, flushed, renamed: whatever happens in between, the file is whole or not there.
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(secret + '\n');
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  return secret;
}
