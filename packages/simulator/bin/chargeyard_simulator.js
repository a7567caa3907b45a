#!/usr/bin/env node
// The simulator is TypeScript, run as it is. This one JavaScript file exists so that a Node which cannot do that
// gets a sentence instead of a syntax error.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `chargeyard-simulator needs Node 24 or newer and was started with ${process.version}. ` +
      'Start it with "npx chargeyard-simulator …": it uses the Node that the project brings.',
  );
  process.exit(1);
}
// Compiled code is kept for the next start, which takes half the time.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
await import('../src/bin.ts');
