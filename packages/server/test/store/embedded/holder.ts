// A process of its own that opens the embedded PostgreSQL, so that tests can kill it. Started by `holder_process.ts`;
// arguments: data folder, purpose. Says over IPC what happened; closes on the message "close".

import { openEmbeddedPostgres, StartError } from '../../../src/store/embedded/index.ts';

const [, , dataFolder = '', purpose = 'verb'] = process.argv;

try {
  const postgres = await openEmbeddedPostgres({
    dataFolder,
    purpose: purpose === 'server' ? 'server' : 'verb',
    progress: (line) => process.send?.({ progress: line }),
    settings: { fsync: 'off' },
  });
  process.on('message', () => {
    void postgres.close().finally(() => process.disconnect?.());
  });
  process.send?.({ opened: postgres.superuserConnection });
} catch (error) {
  process.send?.({ refused: error instanceof StartError ? error.message : `unexpected: ${String(error)}` });
  process.disconnect?.();
}
