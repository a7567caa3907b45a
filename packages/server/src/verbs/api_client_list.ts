// chargeyard api-client list --tenant …

import { wholeTenant } from '../domain/index.ts';
import { apiClientFields, instantOf, plainQuery } from '../store/index.ts';
import type { ApiClientField, Row } from '../store/index.ts';
import { everyRow } from './every_row.ts';
import { tableOf } from './table.ts';
import { runOnStore } from './verb.ts';

export async function apiClientList(options: { tenant: string; json?: boolean }): Promise<void> {
  await runOnStore(options, async ({ store, clock, console }) => {
    const { id: tenantId } = await store.tenants.getBySlug(options.tenant);
    const rows = await everyRow(async (page) => {
      const query = plainQuery({ ...page, now: clock.now() });
      return (await store.apiClients.page(wholeTenant(tenantId), query)).rows;
    });
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
