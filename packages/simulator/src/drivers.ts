// Drivers who come and go by themselves: they plug in, show their driver token, charge for a while, and leave.

import type { Charging } from './charging.ts';
import type { Connectors } from './connectors.ts';
import type { Random } from './pauses.ts';
import { driverTokenOf } from './station_identity.ts';
import type { StationIdentity } from './station_identity.ts';

type Place = {
  readonly station: StationIdentity;
  readonly connectors: Connectors;
  readonly charging: Charging;
};

/**
 * Lets the driver of one connector, drawn by lot, take a step: plug in, start, stop. A connector that is reserved, out of
 * service, or used by somebody else is left alone.
 */
export async function letADriverAct({ station, connectors, charging }: Place, random: Random): Promise<void> {
  const connectorNumber = 1 + Math.floor(random() * connectors.count);
  const idTag = driverTokenOf(station, connectorNumber);
  const status = connectors.statusOf(connectorNumber);
  const transaction = charging.at(connectorNumber);
  if (status === 'Available') charging.plugIn(connectorNumber);
  else if (status === 'Preparing' && transaction === undefined) {
    await charging.begin(connectorNumber, { idTag, isToBeAuthorized: true });
  } else if (transaction?.isCharging === true && transaction.idTag === idTag) {
    charging.end(connectorNumber, 'Local', idTag);
  }
}
