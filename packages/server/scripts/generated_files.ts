// Every generated file of the repository, with what it must hold.

import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { configurationPage } from './configuration_page.ts';
import { errorCodesPage } from './error_codes_page.ts';
import { schemaDump } from './schema_dump.ts';

const root = new URL('../../../', import.meta.url);

/** @param migrated a database whose schema is up to date */
export async function generatedFiles(migrated: ClientConfig): Promise<{ file: URL; text: string }[]> {
  const client = new Client(migrated);
  await client.connect();
  try {
    return [
      { file: new URL('docs/configuration.md', root), text: configurationPage() },
      { file: new URL('docs/error_codes.md', root), text: errorCodesPage() },
      { file: new URL('packages/server/schema.sql', root), text: await schemaDump(client) },
    ];
  } finally {
    await client.end();
  }
}
