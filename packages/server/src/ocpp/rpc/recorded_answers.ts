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

export function createRecordedAnswers(): RecordedAnswers {
  // In the order of their last calls: the first is the one to be forgotten.
  const stations = new Map<string, OfStation>();

  function ofStation({ station, receivedAt }: CallContext): Map<string, Recorded> {
    const key = `${station.tenantId}/${station.chargingStationId}`;
    const now = receivedAt.getTime();
    const found = stations.get(key) ?? { lastAt: now, byMessageId: new Map<string, Recorded>() };
    found.lastAt = now;
    stations.delete(key);
    stations.set(key, found);
    for (const [oldest, { lastAt }] of stations) {
      if (stations.size <= mostStations && lastAt >= now - recordedForMs) break;
      stations.delete(oldest);
    }
    return found.byMessageId;
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
