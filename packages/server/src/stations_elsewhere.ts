// What other processes tell of stations whose connection may be here: that they were deleted, or connected to another process.

import type { Logger } from 'pino';
import type { OcppGateway } from './ocpp/index.ts';
import type { Bus } from './store/index.ts';

/** Closes the connections that others tell of. Answers how to look for all that may have been missed; it never rejects. */
export function hearOfStations({
  bus,
  gateway,
  log,
}: {
  bus: Bus;
  gateway: Pick<OcppGateway, 'letGo' | 'replacedElsewhere' | 'checkConnections'>;
  log: Logger;
}): () => Promise<void> {
  const check = () =>
    gateway.checkConnections().catch((error: unknown) => {
      log.warn({ err: error }, 'which connections are still their stations’ could not be looked up');
    });
  bus.listen('replaced_connections', (message) => {
    const [stationId = '', connectionId = ''] = message?.split(' ') ?? [];
    gateway.replacedElsewhere(stationId, connectionId);
  });
  bus.listen('deleted_stations', (id) => {
    // What was missed of either topic is found in one look.
    if (id === undefined) void check();
    else gateway.letGo(id);
  });
  return check;
}
