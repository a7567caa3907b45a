// npm run generate: writes every generated file of the repository.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openEmbeddedPostgres } from '../src/store/index.ts';
import { generatedFiles } from './generated_files.ts';

const folder = await mkdtemp(join(tmpdir(), 'chargeyard-generate-'));
await chmod(folder, 0o711);
const dataFolder = join(folder, 'data');
const postgres = await openEmbeddedPostgres({ dataFolder, purpose: 'verb', progress: () => undefined });
try {
  await migrate(postgres.connection);
  for (const { file, text } of await generatedFiles(postgres.connection)) {
    await writeFile(file, text);
    process.stdout.write(`wrote ${file.pathname}\n`);
  }
} finally {
  await postgres.close();
  await rm(folder, { recursive: true, force: true });
}
