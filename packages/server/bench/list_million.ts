// The list of charging stations of a tenant with a million of them, beside the same at a thousand: ratios are to the first
// page of the small one.

import { openBenchDatabase } from './bench_database.ts';
import { startBenchServer } from './bench_server.ts';
import { aTenantWithStations, tokenUrl } from './bench_tenant.ts';
import { measure } from './measure.ts';

export async function listMillion(): Promise<void> {
  const database = await openBenchDatabase();
  const small = await aTenantWithStations(database, 1_000, 'small');
  const large = await aTenantWithStations(database, 1_000_000, 'large');
  const server = await startBenchServer(database.connection);
  try {
    const target = async (
      name: string,
      client: { clientId: string; clientSecret: string },
      query: string,
    ) => {
      const answer = await fetch(tokenUrl(server.origin, client), { method: 'POST' });
      const { access_token: accessToken } = (await answer.json()) as { access_token: string };
      const url = `${server.origin}/api/cpoapi/v1/charging_stations/?${new URLSearchParams(query).toString()}`;
      return { name, urls: [url], headers: { authorization: `Bearer ${accessToken}` } };
    };
    await measure(
      'list_million',
      [
        await target('first page of 100 of 1 000', small, 'page[limit]=100'),
        await target('page of 100 at offset 900 of 1 000', small, 'page[limit]=100&page[offset]=900'),
        await target('company of 10 of 1 000', small.company, 'page[limit]=100'),
        await target('search that finds 1 of 1 000', small, 'filter[search]=sn777'),
        await target('first page of 100 of 1 000 000', large, 'page[limit]=100'),
        await target('page of 100 at offset 900 000', large, 'page[limit]=100&page[offset]=900000'),
        await target('company of 10 of 1 000 000', large.company, 'page[limit]=100'),
        await target('search that finds 1 of 1 000 000', large, 'filter[search]=sn777777'),
        await target('search that finds 1 111 of 1 000 000', large, 'page[limit]=100&filter[search]=sn777'),
      ],
      { server, database },
    );
  } finally {
    server.stop();
    await database.close();
  }
}
