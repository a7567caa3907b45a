// The list of charging stations: a page of 100 of 100 000 with the total, first and deep,
// against a static answer of the same bytes.

import { openBenchDatabase } from './bench_database.ts';
import { startBenchServer } from './bench_server.ts';
import { aTenantWithStations, tokenUrl } from './bench_tenant.ts';
import { measure } from './measure.ts';

const stations = 100_000;

export async function listStations(): Promise<void> {
  const database = await openBenchDatabase();
  const client = await aTenantWithStations(database, stations);
  const server = await startBenchServer(database.connection);
  try {
    const answer = await fetch(tokenUrl(server.origin, client), { method: 'POST' });
    const { access_token: accessToken } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    const page = (offset: number, limit = 100) =>
      `${server.origin}/api/cpoapi/v1/charging_stations/?page%5Blimit%5D=${limit}&page%5Boffset%5D=${offset}`;
    // More than are kept as pages: what is kept of each station must do.
    const pages = Array.from({ length: stations / 100 }, (_, at) => page(at * 100));
    const first = await (await fetch(page(0), { headers })).text();
    const url = await server.serveStatic(first);
    await measure(
      'list_stations',
      [
        { name: `static answer, ${Buffer.byteLength(first)} bytes`, urls: [url] },
        { name: 'first page of 100', urls: [page(0)], headers },
        { name: 'page of 100 at offset 99 900', urls: [page(stations - 100)], headers },
        {
          name: 'ten pages of 100, one per connection',
          urls: pages.slice(-10),
          isOnePerConnection: true,
          headers,
        },
        { name: 'pages of 100, each another', urls: pages, headers },
        { name: 'first page of 1 (what is not the rows)', urls: [page(0, 1)], headers },
      ],
      { server, database },
    );
  } finally {
    server.stop();
    await database.close();
  }
}
