import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { locationFrom } from '../../src/ocpi/index.ts';
import { aTenant } from '../builders.ts';
import { anOcpiLocation } from '../ocpi/an_ocpi_location.ts';
import { testApp } from '../test_app.ts';

const app = testApp();
const options = () => ({ companyId: undefined, now: new Date(), newId });
const locations = (...numbers: number[]) =>
  numbers.flatMap((n) => locationFrom(anOcpiLocation(n), n).location ?? []);

describe('importedLocations.write', () => {
  it('doubles nothing when the same is written several times at once', async () => {
    const tenant = await aTenant(app.store);
    const writes = Array.from({ length: 4 }, () =>
      app.store.importedLocations.write(tenant.id, locations(1, 2, 3), options()),
    );
    const outcomes = (await Promise.all(writes)).flat();
    expect(outcomes.map(({ location }) => location).toSorted()).toEqual([
      ...Array<string>(3).fill('created'),
      ...Array<string>(9).fill('unchanged'),
    ]);
    const rows = await app.database.look(
      `select (select count(*)::int from locations where tenant_id = $1) as locations,
              (select count(*)::int from charging_stations where tenant_id = $1) as stations,
              (select count(*)::int from connectors where tenant_id = $1) as connectors`,
      [tenant.id],
    );
    expect(rows).toEqual([{ locations: 3, stations: 6, connectors: 12 }]);
  });

  it('gives a row that changes another version, and leaves that of one that does not', async () => {
    const tenant = await aTenant(app.store);
    const now = new Date('2026-11-25T12:00:00.000Z');
    await app.store.importedLocations.write(tenant.id, locations(1, 2), { ...options(), now });
    const changed = locations(1, 2).map((location, at) =>
      at === 0 ? location : { ...location, values: { ...location.values, name: 'Other' } },
    );
    // The clock may be behind.
    await app.store.importedLocations.write(tenant.id, changed, { ...options(), now: new Date(0) });
    const rows = await app.database.look<{ name: string; later: boolean }>(
      'select name, updated_at > $2 as later from locations where tenant_id = $1 order by id',
      [tenant.id, now],
    );
    expect(rows).toEqual([
      { name: 'Gent Zuid 1', later: false },
      { name: 'Other', later: true },
    ]);
  });
});
