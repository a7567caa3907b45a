// A technician that a write names must be one that its writer may see, or that was there before.

import { Invalid } from '../domain/index.ts';
import type { Write } from '../json_api/index.ts';
import { chargingStationFields } from '../store/index.ts';

/**
 * @param stationId the station that is changed; undefined for a new one
 * @throws {Invalid} when technicianUserId names no active technician whom the principal may see; null names none
 */
export async function requireVisibleTechnician(
  { tables, principal, values, now }: Write,
  stationId?: string,
): Promise<void> {
  const { technicianUserId: wanted } = values;
  if (typeof wanted !== 'number') return;
  if (await tables.users.isTechnician(principal.visibility, wanted)) return;
  // What was read may be sent back, though the technician left since, or is another company's.
  const station = stationId && (await tables.chargingStations.find(principal.visibility, stationId, now));
  if (station?.[chargingStationFields.indexOf('technicianUserId')] === String(wanted)) return;
  throw new Invalid('There is no such technician.', { field: 'technicianUserId' });
}
