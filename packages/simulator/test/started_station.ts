// A simulated station under test, closed when the test ends.

import { onTestFinished } from 'vitest';
import { simulatedStationIdentity, startStation } from '../src/index.ts';
import type { SimulatedStation, StationEvent, StationOptions } from '../src/index.ts';
import { EventLog } from './event_log.ts';

export function startedStation(
  url: string,
  overrides: Partial<StationOptions> = {},
): { station: SimulatedStation; events: EventLog<StationEvent> } {
  const events = new EventLog<StationEvent>();
  const station = startStation({
    url,
    station: simulatedStationIdentity(1),
    hasStatusLife: false,
    random: () => 0,
    onEvent: events.push,
    ...overrides,
  });
  onTestFinished(() => station.close());
  return { station, events };
}
