// Work that is done again and again.

import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { repeated } from '../src/repeated.ts';

const anHour = 3_600_000;

/** Work that takes until it is let end. */
function slowWork() {
  let begun = 0;
  let underWay: PromiseWithResolvers<void> | undefined;
  const work = async () => {
    begun += 1;
    underWay = Promise.withResolvers();
    await underWay.promise;
  };
  return { work, begun: () => begun, end: () => underWay?.resolve() };
}

it('is begun by its interval', async () => {
  const begun = await new Promise((resolve) => {
    const repetition = repeated(1, async () => {
      resolve('begun');
      void repetition.close();
    });
  });
  expect(begun).toBe('begun');
});

it('is done once more, however often that is asked while it is under way', async () => {
  const { begun, end, work } = slowWork();
  const repetition = repeated(anHour, work);
  for (let asked = 0; asked < 3; asked += 1) repetition.now();
  expect(begun()).toBe(1);
  end();
  await setImmediate();
  expect(begun()).toBe(2);
  end();
  await setImmediate();
  expect(begun()).toBe(2);
  repetition.now();
  expect(begun()).toBe(3);
  end();
  await repetition.close();
});

it('has ended when it is closed, and is not begun again', async () => {
  const { begun, end, work } = slowWork();
  const repetition = repeated(anHour, work);
  repetition.now();
  repetition.now();
  let isClosed = false;
  const closed = repetition.close().then(() => (isClosed = true));
  await setImmediate();
  expect(isClosed).toBe(false);
  end();
  await closed;
  expect(begun()).toBe(1);
});
