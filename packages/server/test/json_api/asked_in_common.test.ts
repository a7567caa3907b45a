import { describe, expect, it } from 'vitest';
import { askedInCommon } from '../../src/json_api/asked_in_common.ts';

/** Something to ask, that is answered when the test says so. */
function questions() {
  const asked: { name: string; answer: PromiseWithResolvers<string> }[] = [];
  const ask = (name: string) => () => {
    const answer = Promise.withResolvers<string>();
    asked.push({ name, answer });
    return answer.promise;
  };
  return { asked, ask, names: () => asked.map(({ name }) => name) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is asked in common', () => {
  it('is asked once for all who come in the same moment, as the last of them asks', async () => {
    const inCommon = askedInCommon<string>();
    const { asked, ask, names } = questions();
    const answers = [inCommon('a', ask('first')), inCommon('a', ask('last')), inCommon('b', ask('other'))];
    await turn();
    expect(names()).toEqual(['last', 'other']);
    for (const { name, answer } of asked) answer.resolve(name);
    expect(await Promise.all(answers)).toEqual(['last', 'last', 'other']);
  });

  it('is asked anew for who comes while an answer is under way', async () => {
    const inCommon = askedInCommon<string>();
    const { asked, ask, names } = questions();
    const first = inCommon('a', ask('first'));
    await turn();
    const later = [inCommon('a', ask('second')), inCommon('a', ask('third'))];
    await turn();
    expect(names()).toEqual(['first']);
    asked[0]?.answer.resolve('old');
    expect(await first).toBe('old');
    await turn();
    expect(names()).toEqual(['first', 'third']);
    asked[1]?.answer.resolve('new');
    expect(await Promise.all(later)).toEqual(['new', 'new']);
    void inCommon('a', ask('fourth'));
    await turn();
    expect(names()).toEqual(['first', 'third', 'fourth']);
  });

  it('fails for those who asked, and not for who comes after them', async () => {
    const inCommon = askedInCommon<string>();
    const { asked, ask } = questions();
    const first = inCommon('a', ask('first'));
    await turn();
    const second = inCommon('a', ask('second'));
    asked[0]?.answer.reject(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await turn();
    asked[1]?.answer.resolve('found');
    expect(await second).toBe('found');
  });
});
