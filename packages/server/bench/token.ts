// The token endpoint, as the quickstart asks it, against a static answer of the same bytes.

import { openBenchDatabase } from './bench_database.ts';
import { startBenchServer } from './bench_server.ts';
import { aTenantWithStations, tokenUrl } from './bench_tenant.ts';
import { measure } from './measure.ts';

export async function token(): Promise<void> {
  const database = await openBenchDatabase();
  const client = await aTenantWithStations(database, 1);
  const server = await startBenchServer(database.connection);
  try {
    const url = tokenUrl(server.origin, client);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await (await fetch(url, { method: 'POST', headers })).text();
    await measure(
      'token',
      [
        {
          name: `static answer, ${Buffer.byteLength(answer)} bytes`,
          urls: [await server.serveStatic(answer)],
        },
        { name: 'access token', urls: [url], method: 'POST', headers },
      ],
      { server, database },
    );
  } finally {
    server.stop();
    await database.close();
  }
}
