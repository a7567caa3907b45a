// What follows for a webhook from the attempts of one round.

import { describe, expect, it } from 'vitest';
import { attemptsOf } from '../../src/events/attempts.ts';

const now = new Date('2026-11-25T12:00:00.000Z');

const eventOf = (seq: number) => ({
  tx: 1,
  seq,
  at: now,
  chargingStationId: `station ${seq}`,
  type: 'station.booted',
  data: '{}',
  companyId: null,
  ancestorIds: [],
});

/** A round in which events of so many stations are refused at once. */
async function refused(stations: number, failures: number) {
  const attempts = attemptsOf(
    { failures, failingSince: null },
    {
      send: async () => ({ kind: 'failed', error: 'The receiver answered 500.' }),
      now: () => now,
      random: () => 0.5,
      isOver: () => false,
    },
  );
  await Promise.all(Array.from({ length: stations }, (_, seq) => attempts.run([eventOf(seq)])));
  const { nextAttemptAt } = attempts.progress();
  return { ...attempts.progress(), secondsToWait: nextAttemptAt && (nextAttemptAt.getTime() - +now) / 1000 };
}

describe('a receiver that refuses everything', () => {
  it('is asked again five seconds later, of however many stations it refused events at once', async () => {
    expect(await refused(5, 0)).toMatchObject({ failures: 5, secondsToWait: 5 });
    expect(await refused(10, 0)).toMatchObject({ failures: 5, secondsToWait: 5 });
  });

  it('is asked half as often after each attempt to find out whether it is back', async () => {
    expect(await refused(1, 5)).toMatchObject({ failures: 6, secondsToWait: 10 });
    expect(await refused(1, 6)).toMatchObject({ failures: 7, secondsToWait: 20 });
  });

  it('is not taken for down after four refusals', async () => {
    expect(await refused(4, 0)).toMatchObject({ failures: 4, secondsToWait: undefined });
  });
});
