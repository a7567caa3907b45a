// Hints come as often as groups of facts are committed, hundreds of times a second; looking that often would cost more than it
// tells.

/** Answers a function that does something at once, or, where it did so just now, once more when the time is over. */
export function atMostEvery(ms: number, action: () => void): () => void {
  let isTooSoon = false;
  let isDue = false;
  function act(): void {
    isDue = false;
    isTooSoon = true;
    const timer = setTimeout(() => {
      isTooSoon = false;
      if (isDue) act();
    }, ms);
    timer.unref();
    action();
  }
  return () => {
    if (isTooSoon) isDue = true;
    else act();
  };
}
