// Maintenance windows with lockConnectors: when they begin, stations take the connectors out of service, and back when they
// end (OCPP 1.6 §5.2). A station that is away is told when it comes back.

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { OrderCommand } from '../domain/index.ts';
import { repeated } from '../repeated.ts';
import type { Repeated } from '../repeated.ts';
import type { Store } from '../store/index.ts';

const lookEveryMs = 2_000;
const timeoutSeconds = 120;

export function keepConnectorsLocked({
  store,
  order,
  clock,
  log,
}: {
  store: Pick<Store, 'connectorLocks'>;
  order: OrderCommand;
  clock: Clock;
  log: Logger;
}): Repeated {
  async function look(): Promise<void> {
    try {
      const now = clock.now();
      const due = await store.connectorLocks.due(now);
      await Promise.all(
        due.map(({ commandId, connectorNumber, isToLock, ...station }) =>
          order({
            ...station,
            id: commandId,
            command: 'change_availability',
            parameters: { connectorId: connectorNumber, type: isToLock ? 'Inoperative' : 'Operative' },
            orderedAt: now,
            timeoutSeconds,
            isSynchronous: false,
            callerId: 'maintenance_windows',
            idempotency: undefined,
          }),
        ),
      );
    } catch (error) {
      log.warn(
        { err: error },
        'the connectors of maintenance windows could not be locked; it is tried again',
      );
    }
  }

  return repeated(lookEveryMs, look);
}
