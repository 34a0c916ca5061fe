// The clients of the bench: those driven here, and those that came over TCP.

import { json } from "./api.js";
import { ending } from "./ladder-row.js";
import { part } from "./part.js";
import { Problem, complain } from "./toast.js";
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
  picked = "";
  path = `/api/benches/${this.closest("[data-bench]")?.getAttribute("data-bench") ?? "main"}/clients`;

  connectedCallback() {
    this.addEventListener("click", (event) => void this.onClick(event));
    document.querySelector("[data-new-client]")?.addEventListener("click", () => void this.create().catch(complain));
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
    for (const event of events) {
      if (event.kind === "open") this.parted.delete(event.lane);
      if (event.kind === "packet" && event.from === "client" && event.type === "DISCONNECT") this.parted.add(event.lane);
      if (event.kind !== "client" || !event.client) continue;
      changed = true;
      if (event.removed || event.client.removed) this.clients.delete(event.client.id);
      else this.clients.set(event.client.id, event.client);
    }
    if (changed) this.draw();
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
    wanted.forEach((client, i) => {
      const row = rows.get(client.id) ?? this.template.content.firstElementChild?.cloneNode(true);
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
    text(".client-state", open ? "open" : client.state === "new" ? "not connected" : ending(client.how, this.parted.has(client.id)) ?? "closed");
    const details = [client.client_id ? `id ${client.client_id}` : "", client.version ?? "", client.kind === "tcp" && client.remote !== client.name ? client.remote ?? "" : ""];
    text(".client-id", visible(details.filter(Boolean).join(" · ")));
    const pick = row.querySelector(".client-pick");
    pick?.setAttribute("aria-pressed", String(client.id === this.picked));
    if (pick instanceof HTMLButtonElement) pick.disabled = client.kind === "tcp";
    for (const button of row.querySelectorAll("[data-act]")) {
      const act = button.getAttribute("data-act");
      button.toggleAttribute("hidden", act === "open" || act === "remove" ? open : !open);
    }
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
    const act = target?.closest("[data-act]")?.getAttribute("data-act");
    try {
      switch (act) {
        case "open":
        case "close":
        case "abort":
          this.take(await json("POST", `${this.path}/${id}/${act}`));
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
      this.take(await json("POST", `${this.path}/${id}/close`));
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
   * @param {string} id
   * @returns {Promise<void>} when it is open
   */
  async open(id) {
    if (this.clients.get(id)?.state === "open") return;
    this.take(await json("POST", `${this.path}/${id}/open`));
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
