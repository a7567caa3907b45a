import { describe, expect, test } from 'vitest';
import { Connectors } from '../src/connectors.ts';

/** One connector, in its charging. */
function aChargingConnector(): Connectors {
  const connectors = new Connectors(1);
  connectors.occupy(1, 'Charging');
  return connectors;
}

describe('connectors', () => {
  test('a charging connector is scheduled to go out of service and goes when it has finished', () => {
    const connectors = aChargingConnector();
    expect(connectors.changeAvailability(1, false)).toEqual({ status: 'Scheduled', changed: [] });
    connectors.release(1);
    expect(connectors.statusOf(1)).toBe('Unavailable');
  });

  test('a reserved connector is reserved again after it was out of service', () => {
    const connectors = new Connectors(1);
    connectors.setReserved(1, true);
    connectors.changeAvailability(1, false);
    expect(connectors.statusOf(1)).toBe('Unavailable');
    connectors.changeAvailability(1, true);
    expect(connectors.statusOf(1)).toBe('Reserved');
  });

  test('number 0 puts the station and all its connectors out of service', () => {
    const connectors = new Connectors(2);
    expect(connectors.changeAvailability(0, false)).toEqual({ status: 'Accepted', changed: [0, 1, 2] });
  });

  test('a connector goes back into service', () => {
    const connectors = new Connectors(1);
    connectors.changeAvailability(1, false);
    connectors.changeAvailability(1, true);
    expect(connectors.statusOf(1)).toBe('Available');
  });

  test('a connector already in service is left as it is', () => {
    const connectors = aChargingConnector();
    expect(connectors.changeAvailability(1, true)).toEqual({ status: 'Accepted', changed: [] });
  });

  test('a number that is not there is rejected', () => {
    expect(new Connectors(1).changeAvailability(2, false)).toEqual({ status: 'Rejected', changed: [] });
  });

  test('a restart ends a charging', () => {
    const connectors = aChargingConnector();
    connectors.restart();
    expect(connectors.statusOf(1)).toBe('Available');
  });
});
