// The clients of the bench: those driven here, and those that came over TCP.

import { json } from "./api.js";
import { ending } from "./ladder-row.js";
import { part } from "./part.js";
import { say } from "./say.js";
import { Problem, complain } from "./toast.js";
import { WireDrawer, badges, showBadges, wireBadges } from "./wire-drawer.js";
import { visible } from "./visible.js";

/**
 * @typedef {import("./live.js").Client} Client
 * @typedef {import("./live.js").BenchEvent} BenchEvent
 */


const disconnect = "e000";

export class ClientsPane extends HTMLElement {
  list = part(this, ".clients");
  template = /** @type {HTMLTemplateElement} */ (part(this, "template"));
  /** @type {Map<string, Client>} */
  clients = new Map();
  /** @type {Set<string>} those that said DISCONNECT on their latest connection */
  parted = new Set();
  /** @type {Map<string, string>} the CONNECT that each sent last, in hex */
  connects = new Map();
  picked = "";
  path = `/api/benches/${this.closest("[data-bench]")?.getAttribute("data-bench") ?? "main"}/clients`;

  connectedCallback() {
    this.addEventListener("click", (event) => void this.onClick(event));
    document.querySelector("[data-new-client]")?.addEventListener("click", () => void this.create().catch(complain));
    for (const button of document.querySelectorAll("[data-preset]")) {
      button.addEventListener("click", () => void this.stage(button.getAttribute("data-preset") ?? "").catch(complain));
    }
    this.addEventListener("wire", () => this.draw()); // what waits has changed
    this.startComing();
    this.addEventListener("client", (event) => this.take(/** @type {CustomEvent<Client>} */ (event).detail));
  }

  /** The drawer for the wires of clients that come from outside. */
  startComing() {
    const box = document.querySelector(".wire-coming");
    const drawer = box?.querySelector("wire-drawer");
    const toggle = box?.querySelector(".wire-coming-toggle");
    if (!(box instanceof HTMLElement) || !(drawer instanceof WireDrawer) || !(toggle instanceof HTMLElement)) return;
    drawer.forComing(this.path.replace(/\/clients$/, ""));
    toggle.addEventListener("click", () => {
      drawer.hidden = !drawer.hidden;
      toggle.setAttribute("aria-expanded", String(!drawer.hidden));
      void drawer.refresh();
    });
    drawer.addEventListener("wire", () => showBadges(part(box, ".wire-badges"), drawer.wire ? wireBadges(drawer.wire) : []));
    void drawer.refresh();
  }

  /** @returns {Client[]} those that can be driven */
  get virtual() {
    return [...this.clients.values()].filter((client) => client.kind === "virtual");
  }

  /** @returns {Client | undefined} */
  get current() {
    return this.clients.get(this.picked);
  }

  /** @param {Client[]} clients all that there are */
  set(clients) {
    this.clients = new Map(clients.map((client) => [client.id, client]));
    this.draw();
  }

  /** @param {BenchEvent[]} events */
  follow(events) {
    let changed = false;
    /** @type {Set<string>} */
    const lanes = new Set();
    for (const event of events) {
      lanes.add(event.lane);
      if (event.kind === "open") this.parted.delete(event.lane);
      if (event.type === "CONNECT" && event.from === "client" && event.hex?.length === 2 * (event.length ?? 0)) this.connects.set(event.lane, event.hex);
      if (event.kind === "packet" && event.from === "client" && event.type === "DISCONNECT") this.parted.add(event.lane);
      if (event.kind !== "client" || !event.client) continue;
      changed = true;
      if (event.removed || event.client.removed) this.clients.delete(event.client.id);
      else this.clients.set(event.client.id, event.client);
    }
    if (changed) this.draw();
    for (const lane of lanes) this.look(lane);
  }

  /**
   * Asks what waits in a wire, if somebody sees it.
   * @param {string} lane
   */
  look(lane) {
    const client = this.clients.get(lane);
    const drawer = this.list.querySelector(`[data-id="${lane}"] wire-drawer`);
    if (!client || !(drawer instanceof WireDrawer)) return;
    const holds = /hold/.test(`${client.to_broker} ${client.to_client}`) || (drawer.wire?.to_broker.waiting_total ?? 0) + (drawer.wire?.to_client.waiting_total ?? 0) > 0;
    if (!drawer.hidden || holds) void drawer.refresh();
  }

  /**
   * Asks the server to do something with a client. What the live stream told
   * meanwhile is newer than the answer, which may have been made before the
   * connection was closed.
   * @param {string} method
   * @param {string} id
   * @param {string} what
   * @param {unknown} [body]
   */
  async ask(method, id, what, body) {
    const known = this.clients.get(id);
    const client = await json(method, `${this.path}/${id}/${what}`, body);
    if (this.clients.get(id) === known) this.take(client);
  }

  /** @param {Client} client as the server has just answered */
  take(client) {
    this.clients.set(client.id, client);
    this.draw();
  }

  draw() {
    if (!this.virtual.some((client) => client.id === this.picked)) this.picked = this.virtual[0]?.id ?? "";
    const gone = [...this.clients.values()].filter((client) => client.kind === "tcp" && client.state === "closed");
    const hidden = new Set(gone.slice(0, Math.max(0, gone.length - 6)).map((client) => client.id));
    const wanted = [...this.virtual, ...[...this.clients.values()].filter((client) => client.kind === "tcp" && !hidden.has(client.id))];
    const rows = new Map([...this.list.children].map((row) => [row.getAttribute("data-id"), row]));
    for (const [id, row] of rows) if (!wanted.some((client) => client.id === id)) row.remove();
    const made = this.template.content.firstElementChild;
    wanted.forEach((client, i) => {
      // Imported, for what is only cloned is no WireDrawer before it is on the page.
      const row = rows.get(client.id) ?? (made && document.importNode(made, true));
      if (!(row instanceof HTMLElement)) return;
      this.fill(row, client);
      if (this.list.children[i] !== row) this.list.insertBefore(row, this.list.children[i] ?? null);
    });
    this.dispatchEvent(new CustomEvent("clients", { bubbles: true }));
  }

  /**
   * @param {HTMLElement} row
   * @param {Client} client
   */
  fill(row, client) {
    const open = client.state === "open";
    row.dataset.id = client.id;
    row.dataset.kind = client.kind;
    row.dataset.state = client.state;
    const text = (/** @type {string} */ selector, /** @type {string} */ value) => {
      const part = row.querySelector(selector);
      if (part && part.textContent !== value) part.textContent = value;
    };
    text(".client-name", visible(client.name));
    text(".client-state", open ? [say("clients.open"), client.version].filter(Boolean).join(" · ") : client.state === "new" ? say("clients.new") : ending(client.how, this.parted.has(client.id)) ?? say("clients.closed"));
    const details = [client.client_id && client.client_id !== client.name ? say("clients.id", { id: client.client_id }) : "", client.kind === "tcp" && client.remote !== client.name ? client.remote ?? "" : ""];
    text(".client-id", visible(details.filter(Boolean).join(" · ")));
    const drawer = row.querySelector("wire-drawer");
    if (drawer instanceof WireDrawer) {
      drawer.show(client, `${this.path}/${client.id}`);
      this.mark(row, client, drawer);
    }
    const pick = row.querySelector(".client-pick");
    pick?.setAttribute("aria-pressed", String(client.id === this.picked));
    if (pick instanceof HTMLButtonElement) pick.disabled = client.kind === "tcp";
    for (const button of row.querySelectorAll("[data-act]")) {
      const act = button.getAttribute("data-act");
      button.toggleAttribute("hidden", act === "open" || act === "remove" ? open : !open);
    }
  }

  /**
   * Says what is not plain about a client's wire.
   * @param {HTMLElement} row
   * @param {Client} client
   * @param {WireDrawer} drawer
   */
  mark(row, client, drawer) {
    const list = badges(client, drawer.wire);
    row.classList.toggle("is-held", list.some(({ kind }) => kind === "hold"));
    showBadges(part(row, ".wire-badges"), list);
    part(row, ".wire-whose").textContent = say("wire.of", { name: client.name });
    part(row, ".wire-toggle").setAttribute("aria-expanded", String(!drawer.hidden));
  }

  /** @param {string} id */
  pick(id) {
    this.picked = id;
    this.draw();
  }

  /** @param {MouseEvent} event */
  async onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const id = target?.closest(".client")?.getAttribute("data-id");
    if (!id) return;
    if (target?.closest(".client-pick")) this.pick(id);
    const drawer = target?.closest(".wire-toggle") && target.closest(".client")?.querySelector("wire-drawer");
    if (drawer instanceof WireDrawer) {
      drawer.hidden = !drawer.hidden;
      if (!drawer.hidden) await drawer.refresh();
      this.draw();
    }
    const act = target?.closest("[data-act]")?.getAttribute("data-act");
    try {
      switch (act) {
        case "open":
        case "close":
        case "abort":
          await this.ask("POST", id, act);
          break;
        case "goodbye":
          await this.send(id, disconnect);
          await this.closeAfter(id);
          break;
        case "remove":
          await json("DELETE", `${this.path}/${id}`);
          this.clients.delete(id);
          this.draw();
          break;
      }
    } catch (error) {
      complain(error);
    }
  }

  /**
   * Closes a connection after its DISCONNECT, unless the broker was quicker.
   * @param {string} id
   */
  async closeAfter(id) {
    try {
      await this.ask("POST", id, "close");
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 409) throw error;
    }
  }

  /** @returns {Promise<Client>} a new client, picked */
  async create() {
    const client = await json("POST", this.path, {});
    this.picked = client.id;
    this.take(client);
    return client;
  }

  /**
   * Makes the clients of a preset and picks the last one.
   * @param {string} name
   */
  async stage(name) {
    const version = document.querySelector("[data-preset-version]");
    const made = await json("POST", `${this.path.replace(/clients$/, "presets")}/${name}?lang=${document.documentElement.lang}`,
      { version: version instanceof HTMLSelectElement ? version.value : "" });
    for (const client of made.clients) {
      this.picked = client.id;
      this.take(client);
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<void>} when it is open
   */
  async open(id) {
    if (this.clients.get(id)?.state === "open") return;
    await this.ask("POST", id, "open");
  }

  /**
   * Opens a client's connection if need be, and sends the CONNECT that it sent
   * before; else a plain one.
   * @param {string} id
   * @param {string} version of the plain one
   */
  async connect(id, version) {
    const client = this.clients.get(id);
    if (!client) return;
    const hex = this.connects.get(id) ?? (await json("POST", "/api/encode",
      { type: "CONNECT", version, client_id: client.client_id || client.name, clean_session: true, keep_alive: 60 })).hex;
    await this.open(id);
    await this.send(id, hex);
  }

  /**
   * Sets what a client does by itself.
   * @param {string} id
   * @param {{ack?: boolean, ping?: boolean, silent?: boolean}} what
   */
  async pilot(id, what) {
    await this.ask("PUT", id, "autopilot", what);
  }

  /**
   * Asks for something else of a client.
   * @param {string} id
   * @param {string} what
   * @param {unknown} [body]
   */
  async call(id, what, body = {}) {
    return json("POST", `${this.path}/${id}/${what}`, body);
  }

  /**
   * @param {string} id
   * @param {string} hex
   * @returns {Promise<number>} how many bytes were sent
   */
  async send(id, hex) {
    return (await json("POST", `${this.path}/${id}/send`, { hex })).bytes;
  }
}

customElements.define("clients-pane", ClientsPane);
