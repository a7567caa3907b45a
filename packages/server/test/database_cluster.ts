// Runs once for the whole test run: one PostgreSQL with a migrated template database, of which each test file gets a
// copy (test_database.ts).

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate, openEmbeddedPostgres } from '../src/store/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connects as the role that the server uses; a test puts its own database in. */
    serverConnection: ClientConfig;
    /** Connects as PostgreSQL's superuser, to make and drop databases. */
    superuserConnection: ClientConfig;
  }
}

export const templateDatabase = 'chargeyard_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'chargeyard-test-'));
  // As root, PostgreSQL runs as another user, who must be able to pass through.
  await chmod(folder, 0o711);
  const dataFolder = join(folder, 'data');
  const postgres = await openEmbeddedPostgres({
    dataFolder,
    purpose: 'verb',
    progress: () => undefined,
    // What a test writes need not outlive the machine.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const superuser = new Client(postgres.superuserConnection);
  await superuser.connect();
  await superuser.query(`create database ${templateDatabase} owner chargeyard`);
  await superuser.end();
  await migrate({ ...postgres.connection, database: templateDatabase });

  project.provide('serverConnection', { ...postgres.connection });
  project.provide('superuserConnection', { ...postgres.superuserConnection });
  return async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  };
}
