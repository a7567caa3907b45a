// One answer for all who ask the same thing in the same moment, such as the screens of a control room.

/**
 * Answers a function that asks once for all who come with the same key. Who comes while an answer is under way does not get
 * that one, which may have been looked up before: for those who wait meanwhile is asked next, in the words of the last of
 * them.
 */
export function askedInCommon<Answer>(): (key: string, ask: () => Promise<Answer>) => Promise<Answer> {
  type Waiting = { ask: () => Promise<Answer>; answer: Promise<Answer> | undefined };
  const underWay = new Map<string, Promise<void>>();
  const waitingFor = new Map<string, Waiting>();

  async function askNext(key: string, waiting: Waiting): Promise<Answer> {
    // With nothing under way, it waits for all that came in the same turn of the event loop.
    await (underWay.get(key) ?? new Promise((resolve) => setImmediate(resolve)));
    waitingFor.delete(key);
    const answer = waiting.ask();
    const forget = () => {
      if (underWay.get(key) === over) underWay.delete(key);
    };
    const over = answer.then(forget, forget);
    underWay.set(key, over);
    return answer;
  }

  return (key, ask) => {
    const waiting = waitingFor.get(key) ?? { ask, answer: undefined };
    waiting.ask = ask;
    if (waiting.answer === undefined) {
      waitingFor.set(key, waiting);
      waiting.answer = askNext(key, waiting);
    }
    return waiting.answer;
  };
}
