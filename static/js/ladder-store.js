// The rows of the ladder that the page holds: the latest, and those that were
// looked at. The others are fetched again by number.

import { json } from "./api.js";

/**
 * @typedef {import("./live.js").BenchEvent} BenchEvent
 * @typedef {{last: number, awaits?: string, cut?: boolean}} State how an exchange stands now
 */

const most = 12_000; // rows; some hundred are in sight
const perRequest = 256;
const rest = 1000; // milliseconds after a request that has failed

export class RowStore {
  /** @type {Map<number, BenchEvent>} in the order in which they came */
  events = new Map();
  /** @type {Map<number, State>} of exchanges, by the number of their first packet */
  states = new Map();
  /** @type {number[]} */
  wanted = [];
  busy = false;
  rests = false; // since a request has failed

  /**
   * @param {string} bench
   * @param {(answer: {instance: string, first: number, events: BenchEvent[]}) => void} arrived
   */
  constructor(bench, arrived) {
    this.path = `/api/benches/${bench}/rows`;
    this.arrived = arrived;
  }

  clear() {
    this.events.clear();
    this.states.clear();
    this.wanted = [];
  }

  /** @param {BenchEvent} event that happened just now */
  put(event) {
    this.keep(event);
    const x = event.exchange;
    if (x) this.states.set(x.first, { last: event.n, ...(x.awaits ? { awaits: x.awaits } : {}) });
    if (event.kind === "close") this.cut(event.conn);
  }

  /** @param {BenchEvent} event */
  keep(event) {
    this.events.delete(event.n);
    this.events.set(event.n, event);
    if (this.events.size <= most) return;
    for (const n of this.events.keys()) {
      this.events.delete(n);
      this.states.delete(n);
      if (this.events.size <= most * 0.8) return;
    }
  }

  /**
   * A connection has ended: what it leaves open is cut.
   * @param {number} conn
   */
  cut(conn) {
    for (const [first, state] of this.states) {
      if (state.awaits && this.events.get(first)?.conn === conn) state.cut = true;
    }
  }

  /** @param {number[]} numbers of rows that are in sight */
  want(numbers) {
    this.wanted = numbers.filter((n) => !this.events.has(n));
    if (!this.busy && !this.rests && this.wanted.length > 0) void this.fetch();
  }

  async fetch() {
    this.busy = true;
    try {
      while (this.wanted.length > 0) {
        const numbers = this.wanted.slice(0, perRequest);
        const [from, to] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
        const lang = `lang=${document.documentElement.lang}`;
        const query = to - from < perRequest ? `from=${from}&limit=${to - from + 1}` : `numbers=${numbers.slice(0, 120).join(",")}`;
        const answer = await json("GET", `${this.path}?${query}&${lang}`);
        for (const event of answer.events) this.keep(event);
        for (const [n, state] of Object.entries(answer.states)) this.states.set(Number(n), state);
        this.wanted = []; // the ladder asks for what is still missing when it draws
        this.arrived(answer);
      }
    } catch {
      this.rests = true; // the live stream says if the server is away
      setTimeout(() => {
        this.rests = false;
        this.want(this.wanted);
      }, rest);
    } finally {
      this.busy = false;
    }
  }
}
