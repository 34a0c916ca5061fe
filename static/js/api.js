// Calls to the server. Every refusal becomes a Problem.

import { say } from "./say.js";
import { Problem } from "./toast.js";

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] a file as it is, all else as JSON
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
async function call(method, path, body, signal) {
  const headers = new Headers({ "Accept-Language": document.documentElement.lang });
  /** @type {RequestInit} */
  const init = { method, headers };
  if (signal) init.signal = signal;
  if (body instanceof Blob) {
    headers.set("Content-Type", "application/octet-stream");
    init.body = body;
  } else if (body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem({ title: say("no-answer"), mend: say("no-answer.mend") });
  }
  if (!answer.ok) {
    const isProblem = answer.headers.get("Content-Type")?.includes("json") ?? false;
    throw new Problem(isProblem ? await answer.json() : { title: await answer.text(), status: answer.status });
  }
  return answer;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer's JSON; null if it is empty
 */
export async function json(method, path, body) {
  const answer = await call(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} an HTML fragment made by the server
 */
export async function fragment(method, path, body, signal) {
  const answer = await call(method, path, body, signal);
  return answer.text();
}

/**
 * @param {string} path
 * @param {Blob} file
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} an HTML fragment made by the server
 */
export async function upload(path, file, signal) {
  const answer = await call("POST", path, file, signal);
  return answer.text();
}

/**
 * @param {string} path
 * @param {Blob} file
 * @returns {Promise<Response>}
 */
export function post(path, file) {
  return call("POST", path, file);
}
