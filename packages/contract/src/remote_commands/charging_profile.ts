// A charging profile: how much power may be drawn when (OCPP 1.6 §7.7 to §7.14).

import { Type } from 'typebox';
import { chosenId, count, instant, oneOf } from './values.ts';

export const chargingRateUnit = oneOf(['A', 'W']);

export const chargingProfilePurpose = oneOf(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']);

const rate = (description: string) => Type.Number({ minimum: 0, maximum: 10_000_000, description });

const chargingSchedule = Type.Object(
  {
    duration: Type.Optional(count('Seconds. Left out: without end, or to the end of the transaction.')),
    startSchedule: Type.Optional(instant('Left out of a relative one: when charging starts.')),
    chargingRateUnit,
    chargingSchedulePeriod: Type.Array(
      Type.Object(
        {
          startPeriod: count('Seconds from the start of the schedule on.'),
          limit: rate('In chargingRateUnit; one decimal at most.'),
          numberPhases: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
    minChargingRate: Type.Optional(rate('In chargingRateUnit; below it charging is of no use.')),
  },
  { additionalProperties: false },
);

export const chargingProfile = Type.Object(
  {
    chargingProfileId: chosenId(),
    transactionId: Type.Optional(chosenId('Of a TxProfile: the transaction that it is for.')),
    stackLevel: count('Of profiles that apply at once, the highest counts.'),
    chargingProfilePurpose,
    chargingProfileKind: oneOf(['Absolute', 'Recurring', 'Relative']),
    recurrencyKind: Type.Optional(oneOf(['Daily', 'Weekly'])),
    validFrom: Type.Optional(instant()),
    validTo: Type.Optional(instant()),
    chargingSchedule,
  },
  { additionalProperties: false },
);

export const exampleOfProfile = {
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  validFrom: '2091-02-17T00:00:00.000Z',
  chargingSchedule: {
    startSchedule: '2091-02-17T00:00:00.000Z',
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [
      { startPeriod: 0, limit: 22.2, numberPhases: 3 },
      { startPeriod: 28_800, limit: 32 },
    ],
  },
} as const;
