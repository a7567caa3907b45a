// cursor_key: what the installation signs cursors with, made by the migration that made the table.

import type { Session } from './database.ts';

export function cursorKeyIn(session: Session) {
  return {
    async read(): Promise<Buffer> {
      const [row] = await session.query<{ key: Buffer }>('select key from cursor_key');
      if (row === undefined) throw new Error('the database has no cursor_key: restore it, or insert one');
      return row.key;
    },
  };
}
