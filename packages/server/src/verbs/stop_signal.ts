// The signal to stop, for verbs that run until it comes or would take long to end by themselves.

// npm passes a signal on that the terminal has sent to us already; a person who means it waits a moment longer.
const sameSignalMs = 1_000;

/** Waits for Ctrl-C, a service manager's SIGTERM, or the end of the terminal. A second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isImpatient = false;
    let isFirst = true;
    const onSignal = () => {
      if (isImpatient) process.exit(130);
      if (!isFirst) return;
      isFirst = false;
      setTimeout(() => (isImpatient = true), sameSignalMs).unref();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
