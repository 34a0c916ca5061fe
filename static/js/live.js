// The live stream of a bench: keeps every event that the page has seen, in
// order, and comes back by number when the connection was lost.

import { json } from "./api.js";

/**
 * @typedef {{id: string, name: string, kind: "virtual" | "tcp", state: "new" | "open" | "closed", conn?: number,
 *   client_id?: string, version?: string, remote?: string, how?: string,
 *   to_broker?: string, to_client?: string, autopilot?: string, silent?: boolean}} Client
 * @typedef {{n: number, t: number, kind: "open" | "packet" | "explain" | "close" | "client" | "wire", conn: number, lane: string,
 *   name?: string, remote?: string, virtual?: boolean,
 *   from?: "client" | "server", version?: string, type?: string, summary?: string, length?: number, hex?: string, severity?: string,
 *   cause?: number, text?: string, rules?: string[], key?: string, how?: string,
 *   stage?: "sent" | "changed" | "arrived" | "lost", sent_hex?: string,
 *   client?: any, removed?: boolean}} BenchEvent
 * @typedef {{onEvents: (events: BenchEvent[]) => void, onReset: () => void,
 *   onClients: (clients: Client[]) => void, onState: (state: "live" | "lost" | "behind") => void}} Listener
 */

export class Live {
  /**
   * @param {string} bench
   * @param {Listener} listener
   */
  constructor(bench, listener) {
    this.bench = bench;
    this.listener = listener;
    /** @type {number} the number of the event that is wanted next */
    this.next = 0;
    this.wait = 250;
    /** @type {number | undefined} when the bench began, by this page's clock */
    this.began = undefined;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Promise<void>} events are taken in one after the other */
    this.queue = Promise.resolve();
    this.connect();
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const lang = document.documentElement.lang;
    const from = this.next > 0 ? `?lang=${lang}&from=${this.next}` : `?lang=${lang}`;
    const socket = new WebSocket(`${scheme}//${location.host}/api/benches/${this.bench}/live${from}`);
    this.socket = socket;
    socket.addEventListener("message", (message) => {
      const said = JSON.parse(String(message.data));
      this.queue = this.queue.then(() => this.take(said)).catch(() => this.listener.onState("behind"));
    });
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.listener.onState("lost");
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, 5000);
    });
  }

  retryNow() {
    if (this.socket) return;
    this.wait = 250;
    this.connect();
  }

  /** @param {any} said a message of the server */
  async take(said) {
    switch (said.type) {
      case "hello":
        this.wait = 250;
        if (this.isAnother(said)) {
          this.next = 0;
          this.listener.onReset();
          this.socket?.send(JSON.stringify({ type: "from", from: said.first }));
        }
        this.listener.onClients(said.clients ?? []);
        this.listener.onState("live");
        break;
      case "events":
        this.accept(said.events);
        break;
      case "gap":
        await this.fetchGap(said.from, said.to);
        break;
    }
  }

  /**
   * Whether the bench is another one than before: the server was started
   * again, and its numbers and its time begin anew.
   * @param {{next: number, now: number}} hello
   * @returns {boolean}
   */
  isAnother(hello) {
    const began = Date.now() / 1000 - hello.now;
    const before = this.began ?? began;
    this.began = began;
    return hello.next < this.next || Math.abs(began - before) > 3;
  }

  /** @param {BenchEvent[]} events */
  accept(events) {
    const fresh = events.filter((event) => event.n >= this.next);
    const last = fresh.at(-1);
    if (!last) return;
    this.next = last.n + 1;
    this.listener.onEvents(fresh);
  }

  /**
   * Fetches what the stream left out; what the bench no longer holds is lost.
   * @param {number} from
   * @param {number} to
   */
  async fetchGap(from, to) {
    this.listener.onState("behind");
    let at = Math.max(from, this.next);
    while (at < to) {
      const page = await json("GET", `/api/benches/${this.bench}/packets?from=${at}&limit=500&lang=${document.documentElement.lang}`);
      if (page.first > at && page.first >= to) break;
      const events = /** @type {BenchEvent[]} */ (page.events ?? []).filter((event) => event.n < to);
      const last = events.at(-1);
      if (!last) break;
      this.accept(events);
      at = last.n + 1;
    }
    this.next = Math.max(this.next, to);
    this.listener.onState("live");
  }
}
