// What a station tells of itself when it boots, kept in charging_stations.

import type { StationBooted } from '../domain/index.ts';
import { sentRows } from './columns.ts';
import { rebootedStatement } from './configurations.ts';
import type { Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import { nextVersion } from './versions.ts';

const hasBooted = eventInsert('station.booted', {
  from: 'booted',
  at: 'e.booted_at',
  data: {
    vendor: 'e.vendor',
    model: 'e.model',
    serialnumber: 'e.serial_number',
    firmwareVersion: 'e.firmware_version',
    iccid: 'e.iccid',
    imsi: 'e.imsi',
    bootedAt: instantJson('e.booted_at'),
  },
});

/** Of several boots of one station in a group, a later one leaves what it does not name as the earlier one had it. */
function mergedBoots(facts: readonly StationBooted[]): StationBooted[] {
  const merged = new Map<string, StationBooted>();
  for (const boot of facts) {
    const earlier = merged.get(boot.chargingStationId);
    merged.set(boot.chargingStationId, {
      ...boot,
      serialNumber: boot.serialNumber ?? earlier?.serialNumber,
      firmwareVersion: boot.firmwareVersion ?? earlier?.firmwareVersion,
      iccid: boot.iccid ?? earlier?.iccid,
      imsi: boot.imsi ?? earlier?.imsi,
    });
  }
  return [...merged.values()];
}

const boots = sentRows<StationBooted>([
  ['tenant_id', 'uuid', (fact) => fact.tenantId],
  ['station_id', 'uuid', (fact) => fact.chargingStationId],
  ['vendor', 'text', (fact) => fact.vendor],
  ['model', 'text', (fact) => fact.model],
  ['serial_number', 'text', (fact) => fact.serialNumber],
  ['firmware_version', 'text', (fact) => fact.firmwareVersion],
  ['iccid', 'text', (fact) => fact.iccid],
  ['imsi', 'text', (fact) => fact.imsi],
  ['at', 'timestamptz', (fact) => fact.at],
]);

/** Answers the statements that keep what was told, if anything was. */
export function bootStatements(facts: readonly StationBooted[]): Statement[] {
  const booted = mergedBoots(facts);
  return booted.length > 0 ? [bootedStatement(booted), rebootedStatement(booted)] : [];
}

function bootedStatement(facts: readonly StationBooted[]): Statement {
  return {
    text: `with booted as (
           update charging_stations s
           set vendor = f.vendor, model = f.model,
               serial_number = coalesce(f.serial_number, s.serial_number),
               firmware_version = coalesce(f.firmware_version, s.firmware_version),
               iccid = coalesce(f.iccid, s.iccid), imsi = coalesce(f.imsi, s.imsi),
               booted_at = f.at, updated_at = ${nextVersion('f.at')}
           from ${boots.from}
           where s.tenant_id = f.tenant_id and s.id = f.station_id
           returning s.tenant_id, s.id as charging_station_id, s.vendor, s.model, s.serial_number, s.firmware_version,
                     s.iccid, s.imsi, s.booted_at
           ) ${hasBooted}`,
    values: boots.values(facts),
  };
}
