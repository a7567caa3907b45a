// A firmware update as a station does it: fetch, install, restart with another version (OCPP 1.6 §4.5, §5.19). Nothing is
// fetched for real.

import { firmwareStepPauseMs } from './pauses.ts';
import type { Random } from './pauses.ts';
import type { Timers } from './timers.ts';
import type { Uplink } from './uplink.ts';

type Status = 'Idle' | 'Downloading' | 'Downloaded' | 'Installing' | 'Installed';

export class FirmwareUpdate {
  readonly #uplink: Uplink;
  readonly #timers: Timers;
  readonly #random: Random;
  #version: string;
  #status: Status = 'Idle';
  /** The newest update, by its number. */
  #update = 0;
  #isToBeTold = false;

  constructor(version: string, uplink: Uplink, timers: Timers, random: Random) {
    this.#version = version;
    this.#uplink = uplink;
    this.#timers = timers;
    this.#random = random;
  }

  /** Of the firmware that runs. */
  get version(): string {
    return this.#version;
  }

  /**
   * Updates at an instant, in the place of an update that goes on.
   *
   * @param restart ends transactions and connects again
   */
  async begin(location: string, retrieveAt: Date, restart: () => void): Promise<void> {
    this.#update += 1;
    const update = this.#update;
    await this.#timers.pause(retrieveAt.getTime() - Date.now());
    for (const status of ['Downloading', 'Downloaded', 'Installing'] as const) {
      if (update !== this.#update) return;
      await this.#tell(status);
      await this.#timers.pause(firmwareStepPauseMs(this.#random));
    }
    if (update !== this.#update) return;
    this.#version = versionAfter(this.#version, location);
    this.#isToBeTold = true;
    restart();
  }

  /** After a boot: tells that what was installed runs. */
  resume(): void {
    if (this.#isToBeTold) void this.#tell('Installed');
    this.#isToBeTold = false;
  }

  /** Tells how the update stands; Idle when there is none (OCPP 1.6 §5.17). */
  tellStatus(): void {
    const status = this.#status === 'Installed' ? 'Idle' : this.#status;
    void this.#uplink.call('FirmwareStatusNotification', () => ({ status }));
  }

  async #tell(status: Status): Promise<void> {
    this.#status = status;
    await this.#uplink.call('FirmwareStatusNotification', () => ({ status }));
  }
}

/** The version in the file's name; without one the last number of the old version goes up. */
function versionAfter(version: string, location: string): string {
  const named = /\d+(?:\.\d+)+/.exec(location.split('/').at(-1) ?? '')?.[0];
  if (named !== undefined && named !== version) return named;
  return version.replace(/\d+$/, (last) => String(Number(last) + 1));
}
