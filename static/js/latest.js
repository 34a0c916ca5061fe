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

/** How long, in milliseconds, a request is waited for while a newer one waits. */
const patience = 1000;

/**
 * Wraps an asynchronous function: one request at a time is under way, and the
 * next is that of the newest argument by then. So whoever asks faster than is
 * answered has every answer that there is time for, and the server no work in
 * vain. A request that hangs is given up for a newer one.
 * @template A, R
 * @param {(argument: A, signal: AbortSignal) => Promise<R>} ask
 * @param {(result: R, argument: A, newest: boolean) => void} answer
 * @param {(error: unknown) => void} fail
 * @returns {(argument: A) => Promise<void>} until the newest has been answered
 */
export function inTurn(ask, answer, fail) {
  /** @type {{argument: A} | null} */
  let next = null;
  /** @type {Promise<void> | null} */
  let turns = null;
  let abort = new AbortController();
  let since = 0;
  const run = async () => {
    while (next) {
      const { argument } = next;
      next = null;
      abort = new AbortController();
      since = Date.now();
      try {
        const result = await ask(argument, abort.signal);
        answer(result, argument, next === null);
      } catch (error) {
        if (!next) fail(error);
      }
    }
    turns = null;
  };
  return (argument) => {
    next = { argument };
    if (turns && Date.now() - since > patience) abort.abort();
    return turns ??= run();
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
