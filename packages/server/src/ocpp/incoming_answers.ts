// Answers of stations to our calls: what one means for the command, and what the communication log has of call and answer.

import { withheld } from '../domain/index.ts';
import type { CommandOutcome, StationHabits } from '../domain/index.ts';
import { notUnderstood } from './rpc/command_wording.ts';
import type { Understood, WordedCommand } from './rpc/command_wording.ts';
import type { CallError, CallResult, IgnoredFrame } from './rpc/frames.ts';

const longestText = 2_000; // of a call error, characters

/** An answer, or what began as one. */
export type AnswerFrame = CallResult | CallError | (IgnoredFrame & { readonly messageId: string });

/** Answers what an answer in time comes to. */
export function understood(
  frame: AnswerFrame,
  worded: WordedCommand,
  { now, habits }: { now: Date; habits: StationHabits },
): Understood {
  if (frame.kind === 'call_result') return worded.understood(frame.payload, now, habits);
  if (frame.kind === 'call_error') return { outcome: refused(frame), deviations: [] };
  return { outcome: notUnderstood(frame.reason), deviations: [frame.reason] };
}

function refused({ code, description, details }: CallError): CommandOutcome {
  const isKept = JSON.stringify(details).length <= longestText;
  return {
    kind: 'refused',
    code: code.slice(0, longestText),
    description: description.slice(0, longestText),
    details: isKept ? details : {},
  };
}

/** Stations may say back what they do not take. */
export function withheldIn(frame: AnswerFrame, secret: string | undefined): AnswerFrame {
  if (secret === undefined || frame.kind === 'ignored') return frame;
  const { messageId } = frame;
  try {
    const text = JSON.stringify(frame).replaceAll(JSON.stringify(secret).slice(1, -1), withheld);
    return { ...(JSON.parse(text) as AnswerFrame), messageId };
  } catch {
    return { kind: 'ignored', reason: 'an answer nested too deeply', messageId };
  }
}

/** What the communication log has of a call of ours. */
export function callMade(messageId: string, call: { action: string; sentAt: Date }, payload: unknown) {
  const { action, sentAt } = call;
  return { kind: 'call', at: sentAt, direction: 'to_station', action, messageId, payload } as const;
}

/** What it has of the answer. */
export function answerMade(frame: AnswerFrame, sentAt: Date, now: Date) {
  const latencyMs = now.getTime() - sentAt.getTime();
  if (frame.kind === 'ignored') return { answer: undefined, latencyMs };
  if (frame.kind === 'call_result') return { answer: { payload: frame.payload }, latencyMs };
  const { code, description } = frame;
  return { answer: { error: { code, description } }, latencyMs };
}
