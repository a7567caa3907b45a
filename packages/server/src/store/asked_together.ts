// Look-ups of the same moment, from many stations at once, made one: a fleet that comes back costs some dozen round trips
// and not one or two for each station.

/**
 * Answers a function that asks for one thing, where `askAll` asks for several: those that come while it is under way are the
 * next that it is asked for.
 *
 * @param askAll answers in the order of the questions; what it throws is thrown to whoever asked one of them
 * @param most   so many at once
 */
export function askedTogether<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  most: number,
): (question: Question) => Promise<Answer> {
  type Waiting = { question: Question; answered: (answer: Answer) => void; failed: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let isAsking = false;

  async function ask(): Promise<void> {
    isAsking = true;
    // What comes in the same moment is asked for together, too.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const answers = await askAll(group.map(({ question }) => question));
        for (const [at, { answered }] of group.entries()) answered(answers[at] as Answer);
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    isAsking = false;
  }

  return (question) =>
    new Promise((answered, failed) => {
      waiting.push({ question, answered, failed });
      if (!isAsking) void ask();
    });
}
