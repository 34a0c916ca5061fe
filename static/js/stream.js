// A WebSocket of JSON messages that comes back when it was lost, and goes on
// from the number that the page has come to.

export class Stream {
  /**
   * @param {string} path
   * @param {number} since
   * @param {(message: any) => void} take
   * @param {(state: "live" | "lost") => void} tell
   */
  constructor(path, since, take, tell) {
    this.path = path;
    this.since = since;
    this.take = take;
    this.tell = tell;
    this.wait = 250;
    this.over = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.connect();
    addEventListener("online", () => this.retryNow());
    addEventListener("pagehide", () => this.socket?.close());
    addEventListener("pageshow", (event) => { if (event.persisted) this.retryNow(); });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}?since=${this.since}`);
    this.socket = socket;
    socket.addEventListener("open", () => this.tell("live"));
    socket.addEventListener("message", (message) => {
      this.wait = 250;
      this.take(JSON.parse(String(message.data)));
    });
    socket.addEventListener("close", () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.over) return;
      this.tell("lost");
      this.timer = setTimeout(() => this.connect(), this.wait * (0.5 + Math.random()));
      this.wait = Math.min(this.wait * 2, 5000);
    });
  }

  retryNow() {
    if (this.socket || this.over) return;
    this.wait = 250;
    this.connect();
  }

  end() {
    this.over = true;
    this.socket?.close();
  }
}
