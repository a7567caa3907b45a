// A connection of its own, beside the pool, for what holds a lock or changes the schema.

import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { sqlState } from './database.ts';
import { StartError } from './embedded/start_error.ts';

/** @throws {StartError} in a sentence, when the database cannot be reached or lets nobody in */
export async function connectedClient(connection: ClientConfig, applicationName: string): Promise<Client> {
  const client = new Client({
    ...connection,
    application_name: applicationName,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // The error reaches whoever waits for a query; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw new StartError(`The database cannot be used: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const code = sqlState(error) ?? (error as { code?: string }).code;
  switch (code) {
    case '28P01':
    case '28000':
      return 'it refuses the user or the password of DATABASE_URL.';
    case '3D000':
      return 'there is no database of the name in DATABASE_URL: create it, owned by the user there.';
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'nothing listens at the host and port of DATABASE_URL: is PostgreSQL running there?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name of DATABASE_URL cannot be resolved.';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
