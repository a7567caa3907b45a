// chargeyard migrate: brings the database's schema up to date and ends. Starting the server does the same.

import { runOnStore } from './verb.ts';

export async function migrate(options: { json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ console }) => {
    console.result({ migrated: true }, 'The database’s schema is up to date.');
  });
}
