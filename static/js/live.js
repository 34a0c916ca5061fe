// The live stream of a bench: hands on every event in order, and comes back by
// number when the connection was lost.

import { json } from "./api.js";
import { Problem } from "./toast.js";

/**
 * @typedef {{id: string, name: string, kind: "virtual" | "tcp", state: "new" | "open" | "closed", conn?: number,
 *   client_id?: string, version?: string, remote?: string, how?: string,
 *   to_broker?: string, to_client?: string, autopilot?: string, silent?: boolean}} Client
 * @typedef {{n: number, t: number, kind: string, conn: number, lane: string,
 *   name?: string, remote?: string, virtual?: boolean,
 *   from?: "client" | "server", version?: string, type?: string, summary?: string, length?: number, hex?: string, severity?: string,
 *   cause?: number, text?: string, rules?: string[], key?: string, how?: string, parted?: boolean,
 *   group?: number, original?: number, diff?: string[], keep_time?: number,
 *   exchange?: {first: number, id: number, by: "client" | "server", awaits?: string, again?: boolean},
 *   stage?: "sent" | "changed" | "arrived" | "lost", sent_hex?: string,
 *   client?: any, removed?: boolean}} BenchEvent
 * @typedef {{type: "hello", instance: string, first: number, next: number, now: number, clients?: Client[]}} Hello
 * @typedef {{onEvents: (events: BenchEvent[]) => void, onHello: (hello: Hello) => void,
 *   onGap: () => void, onState: (state: "live" | "lost" | "gone") => void}} Listener
 */

export class Live {
  /**
   * @param {string} bench
   * @param {Listener} listener
   * @param {number} from number of the first event that is wanted
   */
  constructor(bench, listener, from) {
    this.bench = bench;
    this.listener = listener;
    /** @type {number} the number of the event that is wanted next */
    this.next = from;
    this.instance = "";
    this.wait = 250;
    this.gone = false;
    /** @type {WebSocket | null} */
    this.socket = null;
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
    let opened = false;
    socket.addEventListener("message", (message) => {
      opened = true;
      this.take(JSON.parse(String(message.data)));
    });
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.listener.onState("lost");
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, 5000);
      if (!opened) void this.look();
    });
  }

  /** A WebSocket does not say that there is nothing to connect to: the bench was removed, or ended with the program. */
  async look() {
    try {
      await json("GET", `/api/benches/${this.bench}`);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) return;
      clearTimeout(this.timer);
      this.gone = true;
      this.listener.onState("gone");
    }
  }

  retryNow() {
    if (this.socket || this.gone) return;
    this.wait = 250;
    this.connect();
  }

  /** @param {any} said a message of the server */
  take(said) {
    switch (said.type) {
      case "hello":
        this.wait = 250;
        if (this.instance !== "" && this.instance !== said.instance) { // the server was started again
          this.next = said.first;
          this.socket?.send(JSON.stringify({ type: "from", from: said.first }));
        }
        this.instance = said.instance;
        this.listener.onHello(said);
        this.listener.onState("live");
        break;
      case "events":
        this.accept(said.events);
        break;
      case "gap": // of which the bench still holds what it holds: it can be fetched by number
        this.next = Math.max(this.next, said.to);
        this.listener.onGap();
        break;
    }
  }

  /** @param {BenchEvent[]} events */
  accept(events) {
    const fresh = events.filter((event) => event.n >= this.next);
    const last = fresh.at(-1);
    if (!last) return;
    this.next = last.n + 1;
    this.listener.onEvents(fresh);
  }
}
