// Finds the message id of a message that is no valid JSON: often only its end is cut off or one value is badly
// written, and a station that is told which call failed does not wait for a timeout.

/** Stands for a message id that could not be read (OCPP 2.0.1 Part 4, CALLERROR; OCPP 1.6J does not say). */
export const noMessageId = '-1';

// Only the first characters are looked at, and the pattern cannot backtrack over more than them.
const lookedAt = 128;
const beginningOfMessage = /^[\s\uFEFF]*\[\s*(\d{1,3})\s*,\s*(?:"([^"\\]{1,36})"\s*,)?/;

/**
 * Looks at the beginning of a message.
 *
 * @returns whether it began as a call result or call error, and its message id or `"-1"`
 */
export function recoveredCall(text: string): { readonly isAnswer: boolean; readonly messageId: string } {
  const beginning = beginningOfMessage.exec(text.slice(0, lookedAt));
  const messageType = beginning?.[1];
  return {
    isAnswer: messageType === '3' || messageType === '4',
    messageId: beginning?.[2] ?? noMessageId,
  };
}
