// chargeyard api-client list --tenant …

import { apiClientFields, instantOf } from '../store/index.ts';
import type { ApiClientField, Row } from '../store/index.ts';
import { everyRow } from './every_row.ts';
import { tableOf } from './table.ts';
import { runOnStore } from './verb.ts';

export async function apiClientList(options: { tenant: string; json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const rows = await everyRow(store.apiClients, tenantId, clock.now());
    const clients = rows.map((row) => ({
      clientId: valueIn(row, 'id'),
      name: valueIn(row, 'name'),
      scopes: JSON.parse(valueIn(row, 'scopes') ?? '[]') as string[],
      companyId: valueIn(row, 'companyId'),
      visibility: valueIn(row, 'visibility'),
      createdAt: instantOf(valueIn(row, 'createdAt') ?? ''),
    }));
    console.result(
      clients,
      tableOf(
        ['client id', 'name', 'scopes', 'company', 'visibility'],
        clients.map((client) => [
          client.clientId,
          client.name,
          client.scopes.join(' '),
          client.companyId,
          client.visibility,
        ]),
        'There are no API clients in this tenant.',
      ),
    );
  });
}

const valueIn = (row: Row, field: ApiClientField) => row[apiClientFields.indexOf(field)] ?? null;
