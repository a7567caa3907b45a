// The meters of a station's connectors: registers that only rise, and what a sample of one reads (OCPP 1.6 §7.33).

import type { Payload } from './frames.ts';

const volts = 230;
const phases = 3;
// A register that has run for years: a station that is started again does not go back to an older reading.
const installedAtMs = Date.UTC(2020, 0);
const meanUse = 0.1;

export class Meters {
  readonly #mostW: number;
  #read: { wh: number; atMs: number }[] | undefined;

  /** @param mostW what a connector can deliver, watts */
  constructor(mostW: number) {
    this.#mostW = mostW;
  }

  /**
   * Reads a connector's register.
   *
   * @param powerW what was drawn since it was last read
   * @returns Wh
   */
  read(connectorNumber: number, powerW: number, nowMs: number): number {
    this.#read ??= [];
    const last = (this.#read[connectorNumber] ??= {
      wh: Math.round(((nowMs - installedAtMs) / 3_600_000) * this.#mostW * meanUse),
      atMs: nowMs,
    });
    last.wh += (powerW * Math.max(0, nowMs - last.atMs)) / 3_600_000;
    last.atMs = nowMs;
    return Math.floor(last.wh);
  }
}

/**
 * Answers a MeterValue.
 *
 * @param wanted measurands, by commas, as MeterValuesSampledData has them
 */
export function meterValue(
  reading: { readonly registerWh: number; readonly powerW: number; readonly atMs: number },
  wanted: string,
  context: string,
): Payload {
  const { powerW, atMs } = reading;
  const values: Readonly<Record<string, readonly [value: number, unit: string]>> = {
    'Energy.Active.Import.Register': [reading.registerWh, 'Wh'],
    'Power.Active.Import': [Math.round(powerW), 'W'],
    'Current.Import': [Math.round((powerW / volts / phases) * 10) / 10, 'A'],
    Voltage: [volts, 'V'],
  };
  const sampledValue = wanted.split(',').flatMap((name) => {
    const measured = values[name.trim()];
    if (measured === undefined) return [];
    const [value, unit] = measured;
    return [{ value: String(value), context, measurand: name.trim(), location: 'Outlet', unit }];
  });
  return { timestamp: new Date(atMs).toISOString(), sampledValue };
}
