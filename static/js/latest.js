// Numbers requests so that only the newest answer counts.

/**
 * Wraps an asynchronous function: an answer is passed on only if no newer
 * request was made since; an older request is aborted.
 * @template A, R
 * @param {(argument: A, signal: AbortSignal) => Promise<R>} ask
 * @param {(result: R, argument: A) => void} answer
 * @param {(error: unknown) => void} fail
 * @returns {(argument: A) => Promise<void>}
 */
export function latest(ask, answer, fail) {
  let number = 0;
  let abort = new AbortController();
  return async (argument) => {
    const mine = ++number;
    abort.abort();
    abort = new AbortController();
    try {
      const result = await ask(argument, abort.signal);
      if (mine === number) answer(result, argument);
    } catch (error) {
      if (mine === number) fail(error);
    }
  };
}

/**
 * Calls f once, `wait` milliseconds after the last call.
 * @param {number} wait
 * @param {() => void} f
 * @returns {() => void}
 */
export function settled(wait, f) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(f, wait);
  };
}
