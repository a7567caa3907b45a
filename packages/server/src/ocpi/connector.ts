// An OCPI Connector (mod_locations, Connector object) as a connector of a charging station.

import { connectors } from '@chargeyard/contract/resources/connectors';
import type { ImportedConnector } from '../domain/index.ts';
import { declaredValues } from '../json_api/index.ts';
import { acceptable } from './acceptable.ts';
import { numberIn, objectIn, textIn, wordIn } from './given.ts';
import type { Given } from './given.ts';
import { rowName } from './note.ts';
import type { Notes } from './note.ts';

const declared = declaredValues(connectors, 'update');

/** Answers an EVSE's connectors, each with a number of its own. */
export function connectorsIn(evse: Given, evseId: string | undefined, notes: Notes): ImportedConnector[] {
  const given = evse['connectors'] ?? [];
  if (!Array.isArray(given) || given.length === 0) {
    notes.remark(Array.isArray(given) ? 'It has no connectors.' : 'connectors is left out: it is no list.');
    return [];
  }
  const rows = withoutDoubles(given, notes);
  const numbers = connectorNumbers(rows.map(({ id }) => id));
  return rows.flatMap(({ connector, notes: ownNotes }, at) => {
    const values = acceptable(declared, valuesOf(connector, evseId, ownNotes), [], ownNotes);
    return values === undefined ? [] : [{ number: numbers[at] ?? at + 1, values }];
  });
}

type Row = { readonly connector: Given; readonly id: string | undefined; readonly notes: Notes };

function withoutDoubles(given: readonly unknown[], evseNotes: Notes): Row[] {
  const ids = new Set<string>();
  return given.flatMap((value, at): Row[] => {
    const connector = objectIn(value);
    const id = textIn(connector?.['id']);
    const notes = evseNotes.ofConnector(rowName(at + 1, id));
    if (connector === undefined) notes.skipped('It is no object.');
    else if (id !== undefined && ids.has(id)) notes.skipped('Its id occurs twice in this EVSE.');
    else {
      if (id !== undefined) ids.add(id);
      return [{ connector, id, notes }];
    }
    return [];
  });
}

/**
 * Answers the number of each connector in its station: its id, where that is a whole number from 1 to 999; any other gets
 * the lowest number that is left, in the file's order.
 */
export function connectorNumbers(ids: readonly (string | undefined)[]): number[] {
  const own = ids.map((id) => (id !== undefined && /^[1-9]\d{0,2}$/.test(id) ? Number(id) : undefined));
  const taken = new Set(own);
  let next = 0;
  return own.map((number) => {
    if (number !== undefined) return number;
    do next += 1;
    while (taken.has(next));
    return next;
  });
}

function valuesOf(connector: Given, evseId: string | undefined, notes: Notes): Given {
  // 2.1.1 calls them voltage and amperage.
  const maxVoltage = numberIn(connector['max_voltage'] ?? connector['voltage']);
  const maxAmperage = numberIn(connector['max_amperage'] ?? connector['amperage']);
  const powerType = wordIn(connector['power_type']);
  const values = {
    type: wordIn(connector['standard']),
    format: wordIn(connector['format']),
    powerType,
    maxVoltage,
    maxAmperage,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) notes.remark(`${ocpiNames[name] ?? name} is missing.`);
  }
  return {
    ...values,
    evseId,
    maxPowerW:
      numberIn(connector['max_electric_power']) ?? calculatedPower(powerType, maxVoltage, maxAmperage),
  };
}

const ocpiNames: Readonly<Record<string, string>> = {
  type: 'standard',
  powerType: 'power_type',
  maxVoltage: 'max_voltage',
  maxAmperage: 'max_amperage',
};

// "Maximum voltage of the connector (line to neutral for AC_3_PHASE)" (Connector object). Which voltage is meant where two
// phases are connected it does not say: there nothing is calculated.
const phases: Readonly<Record<string, number>> = { AC_1_PHASE: 1, AC_3_PHASE: 3, DC: 1 };

function calculatedPower(powerType: unknown, voltage: unknown, amperage: unknown): number | undefined {
  const factor = phases[String(powerType)];
  if (factor === undefined || typeof voltage !== 'number' || typeof amperage !== 'number') return undefined;
  const watts = factor * voltage * amperage;
  return watts > 0 ? Math.round(watts) : undefined;
}
