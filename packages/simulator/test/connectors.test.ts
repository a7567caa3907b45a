import { describe, expect, test } from 'vitest';
import { Connectors } from '../src/connectors.ts';

const first = (): number => 0;

/** One connector, in its charging. */
function aChargingConnector(): Connectors {
  const connectors = new Connectors(1);
  connectors.advanceOne(first);
  connectors.advanceOne(first);
  return connectors;
}

describe('connectors', () => {
  test('a charging connector is scheduled to go out of service and goes when it has finished', () => {
    const connectors = aChargingConnector();
    expect(connectors.changeAvailability(1, false)).toEqual({ status: 'Scheduled', changed: [] });
    connectors.advanceOne(first);
    connectors.advanceOne(first);
    expect(connectors.statusOf(1)).toBe('Unavailable');
  });

  test('a connector out of service takes no driver', () => {
    const connectors = new Connectors(1);
    connectors.changeAvailability(1, false);
    expect(connectors.advanceOne(first)).toBeUndefined();
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
