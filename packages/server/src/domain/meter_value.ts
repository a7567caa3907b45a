// What a meter read at an instant, in words of no protocol version. Units are normalised when it is taken, so that whoever
// reads need not; what the station sent stays beside it where that differs.

/** One reading. Words are OCPP 1.6's (ReadingContext, Measurand, Phase, Location); OCPP 2.0.1 shares nearly all. */
export type Sample = {
  /** null: the station sent no number; `raw` has what it sent. */
  readonly value: number | null;
  /** Wh, varh, VAh, W, var, VA, A, V, Celsius, Hertz, Percent, or what the station sent where it is none of these. */
  readonly unit: string | null;
  readonly measurand: string;
  readonly context: string;
  /** null: of all phases. */
  readonly phase: string | null;
  readonly location: string;
  /** What the station sent, where it is not the same: its text and unit, or data that are signed. */
  readonly raw?: { readonly value: string; readonly unit?: string; readonly format?: string };
};

/** A sample as a station sends it. What is left out is what OCPP 1.6 §7.43 (SampledValue) says of it then. */
export type SentSample = {
  readonly value: string;
  readonly unit?: string;
  readonly measurand?: string;
  readonly context?: string;
  readonly phase?: string;
  readonly location?: string;
  readonly format?: string;
};

const importedEnergy = 'Energy.Active.Import.Register';

type Conversion = { readonly unit: string; readonly of: (value: number) => number };
const thousandfold = (unit: string): Conversion => ({ unit, of: (value) => rounded(value * 1000) });
const conversions: ReadonlyMap<string, Conversion> = new Map([
  ['kWh', thousandfold('Wh')],
  ['kvarh', thousandfold('varh')],
  ['kVAh', thousandfold('VAh')],
  ['kW', thousandfold('W')],
  ['kvar', thousandfold('var')],
  ['kVA', thousandfold('VA')],
  // The specification's own spelling until its errata (OCPP 1.6 §7.45, UnitOfMeasure).
  ['Celcius', { unit: 'Celsius', of: (value) => value }],
  ['K', { unit: 'Celsius', of: (value) => rounded(value - 273.15) }],
  ['Fahrenheit', { unit: 'Celsius', of: (value) => rounded(((value - 32) * 5) / 9) }],
]);

/** Normalises a sample. */
export function normalisedSample(sent: SentSample): Sample {
  const measurand = sent.measurand ?? importedEnergy;
  const unit = sent.unit ?? (measurand.startsWith('Energy.') ? 'Wh' : unitOf.get(measurand));
  const conversion = unit === undefined ? undefined : conversions.get(unit);
  const number = sent.format === 'SignedData' ? undefined : numberIn(sent.value);
  const value = number === undefined ? null : (conversion?.of(number) ?? number);
  const isAsSent = value !== null && conversion === undefined && String(value) === sent.value;
  const normalised = {
    value,
    unit: conversion?.unit ?? unit ?? null,
    measurand,
    context: sent.context ?? 'Sample.Periodic',
    phase: sent.phase ?? null,
    location: sent.location ?? 'Outlet',
  };
  return isAsSent ? normalised : { ...normalised, raw: rawOf(sent) };
}

const rawOf = ({ value, unit, format }: SentSample) => ({
  value,
  ...(unit === undefined ? {} : { unit }),
  ...(format === undefined ? {} : { format }),
});

/** Answers the highest reading of the energy register that the station delivers by, in whole Wh, if there is one. */
export function energyRegisterWh(samples: readonly Sample[]): number | undefined {
  const readings = samples.flatMap(({ measurand, phase, value }) =>
    measurand === importedEnergy && phase === null && value !== null ? [Math.round(value)] : [],
  );
  return readings.length === 0 ? undefined : Math.max(...readings);
}

const unitOf: ReadonlyMap<string, string> = new Map([
  ['Voltage', 'V'],
  ['SoC', 'Percent'],
  ['Frequency', 'Hertz'],
]);

// "1,5" and " 12 " are sent, too. Number() alone would take '' for 0 and '0x10' for 16.
function numberIn(text: string): number | undefined {
  const trimmed = text.trim().replace(/^(-?\d+),(\d+)$/, '$1.$2');
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

// Products of decimals end in …0000001: no meter reads more than six of their places.
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
