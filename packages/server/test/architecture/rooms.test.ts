import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../../', import.meta.url);
const source = new URL('packages/server/src/', root);

const mayImport: Record<string, string[]> = {
  domain: [],
  store: ['domain'],
  oauth: ['domain', 'store'],
  json_api: ['domain', 'store'],
  cpoapi: ['domain', 'store', 'json_api'],
  ocpi: ['domain', 'json_api'],
  settings: ['domain', 'store', 'json_api'],
  ocpp: ['domain', 'store'],
  events: ['domain', 'store'],
  commands: ['domain', 'store'],
  uploads: ['domain', 'store'],
  certificates: ['domain'],
};

async function typescriptFiles(folder: URL): Promise<URL[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.ts')).map((name) => new URL(name, folder));
}

describe('rooms', () => {
  it('are those that ARCHITECTURE.md names', async () => {
    const entries = await readdir(source, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const page = await readFile(new URL('ARCHITECTURE.md', root), 'utf8');
    const named = [...page.matchAll(/^\| `([a-z_]+)\/`/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(folders.toSorted());
  });

  it.each(Object.entries(mayImport))('%s imports only the rooms that it may', async (room, allowed) => {
    const violations: string[] = [];
    const folder = new URL(`${room}/`, source);
    for (const file of await typescriptFiles(folder)) {
      const text = await readFile(file, 'utf8');
      for (const [, specifier] of text.matchAll(/from '(\.[^']+)'/g)) {
        const target = relative(source.pathname, new URL(specifier ?? '', file).pathname);
        const [targetRoom = '', ...rest] = target.split('/');
        if (rest.length === 0 || targetRoom === room) continue;
        if (!allowed.includes(targetRoom) || rest.join('/') !== 'index.ts') {
          violations.push(`${relative(source.pathname, file.pathname)} imports ${target}`);
        }
      }
    }
    expect(violations).toEqual([]);
  });

  it('leave the environment to config.ts and the clock to clock.ts', async () => {
    const offenders: string[] = [];
    for (const file of await typescriptFiles(source)) {
      const name = relative(source.pathname, file.pathname);
      const code = (await readFile(file, 'utf8')).replaceAll(/^\s*(\/\/|\*).*$/gm, '');
      if (/process\.env\b/.test(code) && name !== 'verbs/verb.ts') offenders.push(`${name}: process.env`);
      if (/Date\.now\(\)|new Date\(\)/.test(code) && name !== 'clock.ts')
        offenders.push(`${name}: the clock`);
    }
    expect(offenders).toEqual([]);
  });
});
