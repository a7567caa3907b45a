// The last answers to each station: a call that is repeated, because the station did not get its answer, gets the same one
// and is not handled twice. By station and not by connection, since a lost answer mostly means a lost connection.

import { hash } from 'node:crypto';
import type { CallContext } from './action.ts';
import type { Answer } from './call_answerer.ts';
import type { Call } from './frames.ts';

export type RecordedAnswers = {
  /**
   * Answers a call as before where it is one of the station's last ones again (the same message id, action and payload), also while
   * that is still being handled; else handles it. An error is no answer to be repeated: the call is handled again.
   *
   * @param isHandledAgain repeated calls of this action are handled, too
   */
  readonly answer: (
    call: Call,
    context: CallContext,
    isHandledAgain: boolean,
    handle: () => Promise<Answer>,
  ) => Promise<Answer>;
};

type Recorded = { readonly digest: string; readonly at: number; readonly answer: Promise<Answer> };
type OfStation = { lastAt: number; readonly byMessageId: Map<string, Recorded> };

// OCPP 1.6J allows one open call; the others are for stations that send more, and for what a reconnecting one says first.
const recordedPerStation = 16;
const recordedForMs = 10 * 60_000;
const mostStations = 20_000;
const sweptEveryMs = 60_000;

export function createRecordedAnswers(): RecordedAnswers {
  // By the charging station's id, which is no other's, of whatever tenant.
  const stations = new Map<string, OfStation>();
  let sweptAt = 0;

  function ofStation({ station, receivedAt }: CallContext): Map<string, Recorded> {
    const now = receivedAt.getTime();
    if (now >= sweptAt + sweptEveryMs) sweep(now);
    let found = stations.get(station.chargingStationId);
    if (found === undefined) {
      if (stations.size >= mostStations) stations.delete(stations.keys().next().value ?? '');
      found = { lastAt: now, byMessageId: new Map<string, Recorded>() };
      stations.set(station.chargingStationId, found);
    }
    found.lastAt = now;
    return found.byMessageId;
  }

  function sweep(now: number): void {
    sweptAt = now;
    for (const [id, { lastAt }] of stations) {
      if (lastAt < now - recordedForMs) stations.delete(id);
    }
  }

  const answer: RecordedAnswers['answer'] = async (call, context, isHandledAgain, handle) => {
    const recorded = ofStation(context);
    const at = context.receivedAt.getTime();
    const digest = hash('sha256', call.text);
    const found = recorded.get(call.messageId);
    const earlier = found !== undefined && found.at >= at - recordedForMs ? found : undefined;
    if (earlier?.digest === digest && !isHandledAgain) {
      const again = await earlier.answer;
      if ('payload' in again) return told(again, 'message id: repeated, answered as before');
      if (recorded.get(call.messageId) === earlier) recorded.delete(call.messageId);
      return await answer(call, context, isHandledAgain, handle);
    }
    const handled = handle();
    recorded.delete(call.messageId);
    recorded.set(call.messageId, { digest, at, answer: handled });
    if (recorded.size > recordedPerStation) recorded.delete(recorded.keys().next().value ?? '');
    const isReused = earlier !== undefined && earlier.digest !== digest;
    return isReused ? told(await handled, 'message id: used before for another call') : await handled;
  };
  return { answer };
}

function told(answer: Answer, deviation: string): Answer {
  return { ...answer, deviations: [...answer.deviations, deviation] };
}
