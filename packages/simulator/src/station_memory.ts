// What a station has and knows, and keeps when its connection ends: its parts, each in a file of its own.

import { Authorizations } from './authorizations.ts';
import { Charging } from './charging.ts';
import { ChargingProfiles } from './charging_profiles.ts';
import { Configuration } from './configuration.ts';
import { Connectors } from './connectors.ts';
import { Diagnostics } from './diagnostics.ts';
import { FirmwareUpdate } from './firmware_update.ts';
import type { Random } from './pauses.ts';
import { Reservations } from './reservations.ts';
import type { StationIdentity } from './station_identity.ts';
import { Timers } from './timers.ts';
import { Uplink } from './uplink.ts';

const usualPowerW = 11_000;

export class StationMemory {
  readonly station: StationIdentity;
  /** What a connector can deliver, watts. */
  readonly mostW: number;
  readonly uplink = new Uplink();
  readonly timers = new Timers();
  readonly connectors: Connectors;
  readonly configuration: Configuration;
  readonly authorizations: Authorizations;
  readonly reservations: Reservations;
  readonly profiles = new ChargingProfiles();
  readonly charging: Charging;
  readonly firmware: FirmwareUpdate;
  readonly diagnostics: Diagnostics;

  constructor(station: StationIdentity, random: Random) {
    const { uplink, timers, profiles } = this;
    this.station = station;
    this.mostW = station.connectorPowerW ?? usualPowerW;
    this.connectors = new Connectors(station.connectors);
    this.configuration = new Configuration(station.connectors);
    this.authorizations = new Authorizations(this.configuration);
    this.reservations = new Reservations(this.connectors, timers, uplink);
    this.firmware = new FirmwareUpdate(station.firmwareVersion, uplink, timers, random);
    this.diagnostics = new Diagnostics(uplink, timers);
    const { connectors, configuration, authorizations, reservations, mostW } = this;
    this.charging = new Charging({
      connectors,
      configuration,
      authorizations,
      reservations,
      profiles,
      uplink,
      timers,
      random,
      mostW,
    });
  }

  /** After a boot: goes on with what waited for it. */
  resume(): void {
    this.firmware.resume();
    this.charging.resume();
  }

  /** Ends every timer and transfer. */
  close(): void {
    this.timers.close();
    this.diagnostics.close();
  }
}
