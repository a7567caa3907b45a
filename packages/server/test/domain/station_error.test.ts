import { describe, expect, it } from 'vitest';
import { errorChanges, isFault } from '../../src/domain/index.ts';
import type { ConnectorReported } from '../../src/domain/index.ts';

const reported = (
  second: number,
  errorCode: string,
  more: Partial<Pick<ConnectorReported, 'status' | 'vendorErrorCode' | 'info'>> = {},
): ConnectorReported => ({
  kind: 'connector_reported',
  tenantId: 'tenant',
  chargingStationId: 'station',
  connectionId: 'connection',
  connectorNumber: 1,
  status: 'Available',
  errorCode,
  vendorErrorCode: undefined,
  vendorId: undefined,
  info: undefined,
  at: new Date(Date.UTC(2026, 0, 1, 12, 0, second)),
  receivedAt: new Date(Date.UTC(2026, 0, 1, 12, 0, second)),
  ...more,
});

describe('isFault', () => {
  it.each([
    ['NoError', 'Available', false],
    ['NoError', 'Unavailable', false],
    ['NoError', 'Faulted', true],
    ['GroundFailure', 'Faulted', true],
    ['HighTemperature', 'Charging', true],
    ['OtherError', 'Available', true],
  ])('of %s while %s is %s', (errorCode, status, wanted) => {
    expect(isFault({ errorCode, status })).toBe(wanted);
  });
});

describe('errorChanges', () => {
  it('are none without reports', () => {
    expect(errorChanges([])).toEqual([]);
  });

  it('are several reports without a fault once, at the instant of the first', () => {
    const changes = errorChanges([reported(1, 'NoError'), reported(2, 'NoError', { status: 'Charging' })]);
    expect(changes).toEqual([reported(1, 'NoError', { status: 'Charging' })]);
  });

  it('are a repeated fault once, with status and info of the last', () => {
    const changes = errorChanges([
      reported(1, 'GroundFailure', { status: 'Faulted', info: 'a' }),
      reported(2, 'GroundFailure', { status: 'Faulted', info: 'b' }),
      reported(3, 'GroundFailure', { status: 'Unavailable' }),
    ]);
    expect(changes).toEqual([reported(1, 'GroundFailure', { status: 'Unavailable' })]);
  });

  it('are all that differ from their neighbour, in order', () => {
    const reports = [
      reported(1, 'GroundFailure'),
      reported(2, 'GroundFailure', { vendorErrorCode: 'E1' }),
      reported(3, 'GroundFailure', { vendorErrorCode: 'E2' }),
      reported(4, 'OtherError', { vendorErrorCode: 'E2' }),
      reported(5, 'NoError'),
      reported(6, 'NoError', { status: 'Faulted' }),
      reported(7, 'OtherError', { vendorErrorCode: 'E2' }),
    ];
    expect(errorChanges(reports)).toEqual(reports);
  });
});
