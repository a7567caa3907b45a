import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/generated_files.ts';
import { testDatabase } from '../test_database.ts';

describe('generated files', () => {
  it('hold what their sources say; "npm run generate" writes them', async () => {
    const database = await testDatabase();
    const files = await generatedFiles(database.connection);
    await database.drop();
    for (const { file, text } of files) {
      expect(await readFile(file, 'utf8'), file.pathname).toBe(text);
    }
  });
});
