// The drawer of a client's wire: what it does in each direction, the packets
// that wait in it, and what the client does by itself.

import { json } from "./api.js";
import { familyClass } from "./ladder-row.js";
import { part } from "./part.js";
import { say } from "./say.js";
import { Problem, complain } from "./toast.js";

/**
 * @typedef {import("./live.js").Client} Client
 * @typedef {{do: string, type?: string, skip?: number, times?: number, offset?: number, xor?: number, value?: number, how?: string, bytes?: number}} Rule
 * @typedef {{id: number, type?: string, summary?: string, length: number, hex?: string, changed?: boolean, left?: number, cut?: string, end?: string}} Waiting
 * @typedef {{hold: boolean, delay_ms: number, rate: number, segment: number, rules: Rule[], waiting?: Waiting[], waiting_total: number, partial?: number}} Direction
 * @typedef {{open: boolean, to_broker: Direction, to_client: Direction}} Wire
 */

const directions = /** @type {const} */ (["to_broker", "to_client"]);

/**
 * What is not plain about a client, in words.
 * @param {Client} client
 * @param {Wire | undefined} wire as it was seen last
 * @returns {{text: string, kind: string}[]}
 */
export function badges(client, wire) {
  const list = [];
  for (const direction of directions) {
    for (const word of (client[direction] ?? "").split(" ").filter(Boolean)) {
      let text = say(`wire.badge.${word}`, { direction: say(`wire.${direction}`) });
      const waits = wire?.[direction].waiting_total ?? 0;
      if (word === "hold" && waits > 0) text += ` · ${say("wire.waits", { n: waits })}`;
      list.push({ text, kind: word });
    }
  }
  for (const word of (client.autopilot ?? "").split(" ").filter(Boolean)) list.push({ text: say(`wire.badge.${word}`), kind: "pilot" });
  if (client.silent) list.push({ text: say("wire.badge.silent"), kind: "silent" });
  return list;
}

/**
 * The same of a wire that belongs to no client yet.
 * @param {Wire} wire
 * @returns {{text: string, kind: string}[]}
 */
export function wireBadges(wire) {
  const list = [];
  for (const direction of directions) {
    const set = wire[direction];
    const words = { hold: set.hold, delay: set.delay_ms > 0, rate: set.rate > 0, split: set.segment > 0, rules: set.rules.length > 0 };
    for (const [word, is] of Object.entries(words)) {
      if (is) list.push({ text: say(`wire.badge.${word}`, { direction: say(`wire.${direction}`) }), kind: word });
    }
  }
  return list;
}

/**
 * @param {HTMLElement} box
 * @param {{text: string, kind: string}[]} list
 */
export function showBadges(box, list) {
  box.hidden = list.length === 0;
  const texts = list.map(({ text, kind }) => `${kind} ${text}`).join("\n");
  if (box.dataset.said === texts) return;
  box.dataset.said = texts;
  box.replaceChildren(...list.map(({ text, kind }) => {
    const badge = document.createElement("span");
    badge.className = `wire-badge is-${kind}`;
    badge.textContent = text;
    return badge;
  }));
}

/**
 * @param {Rule} rule
 * @returns {string} what it does, in words
 */
function ruleText(rule) {
  const type = rule.type || say("wire.packet");
  let which = rule.times === 1 ? say("wire.which.next", { type }) : rule.times ? say("wire.which.times", { type, n: rule.times }) : say("wire.which.every", { type });
  if (rule.skip) which = say("wire.which.skip", { which, n: rule.skip + 1 });
  const hex = (/** @type {number | undefined} */ n) => `0x${(n ?? 0).toString(16).padStart(2, "0")}`;
  const key = rule.do === "corrupt" && rule.value !== undefined ? "set" : rule.do;
  return say(`wire.rule.${key}`, {
    which, offset: rule.offset ?? 0, xor: hex(rule.xor), value: hex(rule.value), how: (rule.how ?? "").toUpperCase(), bytes: rule.bytes ?? 0,
  });
}

export class WireDrawer extends HTMLElement {
  /** @type {Wire | undefined} */
  wire = undefined;
  /** @type {Client | undefined} */
  client = undefined;
  path = "";
  busy = false;
  again = false;

  connectedCallback() {
    if (this.dataset.ready) return;
    this.dataset.ready = "yes";
    this.addEventListener("click", (event) => void this.onClick(event).catch((error) => this.refuse(error)));
    this.addEventListener("change", (event) => void this.onChange(event).catch((error) => this.refuse(error)));
  }

  /**
   * @param {Client} client
   * @param {string} path of the client in the interface
   */
  show(client, path) {
    this.client = client;
    this.path = path;
    part(this, ".wire-pilot").hidden = client.kind !== "virtual";
    for (const box of this.querySelectorAll("[data-pilot]")) {
      if (!(box instanceof HTMLInputElement)) continue;
      const what = box.dataset.pilot ?? "";
      box.checked = what === "silent" ? Boolean(client.silent) : (client.autopilot ?? "").split(" ").includes(what);
    }
    for (const button of this.querySelectorAll("[data-cut]")) button.toggleAttribute("disabled", client.state !== "open");
  }

  /**
   * Makes this the drawer for the wires of clients that come from outside.
   * @param {string} path of the bench in the interface
   */
  forComing(path) {
    this.path = path;
    part(this, ".wire-pilot").hidden = true;
    part(this, ".wire-cut").hidden = true;
  }

  /** Asks anew what waits; calls that come meanwhile are one. */
  async refresh() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      do {
        this.again = false;
        this.draw(await json("GET", `${this.path}/wire?lang=${document.documentElement.lang}`));
      } while (this.again);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) complain(error); // 404: removed meanwhile
    } finally {
      this.busy = false;
    }
  }

  /** @param {Wire} wire */
  draw(wire) {
    this.wire = wire;
    for (const name of directions) this.drawDirection(name, wire[name]);
    this.dispatchEvent(new CustomEvent("wire", { bubbles: true }));
  }

  /**
   * @param {"to_broker" | "to_client"} name
   * @param {Direction} direction
   */
  drawDirection(name, direction) {
    const box = part(this, `[data-direction="${name}"]`);
    box.classList.toggle("is-held", direction.hold);
    part(box, '[data-wire="hold"]').setAttribute("aria-pressed", String(direction.hold));
    for (const input of box.querySelectorAll("[data-set]")) {
      if (!(input instanceof HTMLInputElement) || input === document.activeElement) continue;
      input.value = String(direction[/** @type {"delay_ms" | "rate" | "segment"} */ (input.dataset.set)]);
    }
    const count = part(box, ".wire-count");
    const said = [direction.hold || direction.waiting_total > 0 ? say("wire.waits", { n: direction.waiting_total }) : "",
      direction.partial ? say("wire.partial", { n: direction.partial }) : ""].filter(Boolean).join(" · ");
    if (count.textContent !== said) count.textContent = said;
    this.drawWaiting(part(box, ".wire-waiting"), direction.waiting ?? []);
    part(box, ".wire-rules").replaceChildren(...direction.rules.map((rule, i) => {
      const item = document.createElement("li");
      const forget = document.createElement("button");
      forget.type = "button";
      forget.className = "small";
      forget.dataset.forget = String(i);
      forget.textContent = "×";
      forget.setAttribute("aria-label", `${say("wire.forget")}: ${ruleText(rule)}`);
      item.append(ruleText(rule), " ", forget);
      return item;
    }));
  }

  /**
   * Keeps the chips that stay, so that the focus does.
   * @param {HTMLElement} list
   * @param {Waiting[]} waiting
   */
  drawWaiting(list, waiting) {
    const template = document.querySelector("template.wire-chip-template");
    if (!(template instanceof HTMLTemplateElement)) return;
    const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement : null;
    const chips = new Map([...list.children].map((chip) => [chip.getAttribute("data-id"), chip]));
    const wanted = waiting.map((packet, i) => {
      const chip = chips.get(String(packet.id)) ?? template.content.firstElementChild?.cloneNode(true);
      if (chip instanceof HTMLElement) this.fillChip(chip, packet, i === 0);
      return chip;
    }).filter((chip) => chip instanceof HTMLElement);
    list.replaceChildren(...wanted);
    if (!focused) return;
    const next = focused.isConnected ? focused : list.querySelector(focused.dataset.step ? `[data-step="${focused.dataset.step}"]` : "[data-edit-waiting]") ?? list.closest("fieldset")?.querySelector("button");
    if (next instanceof HTMLElement) next.focus();
  }

  /**
   * @param {HTMLElement} chip
   * @param {Waiting} packet
   * @param {boolean} first
   */
  fillChip(chip, packet, first) {
    chip.dataset.id = String(packet.id);
    const badge = part(chip, ".wire-chip-type");
    badge.className = `type-badge wire-chip-type ${familyClass(packet.type)}`;
    badge.textContent = packet.end ? packet.end.toUpperCase() : packet.type ?? "?";
    const summary = packet.end
      ? say("wire.end", { how: packet.end.toUpperCase() })
      : packet.type && packet.summary?.startsWith(packet.type) ? packet.summary.slice(packet.type.length).replace(/^[, ]+/, "") : packet.summary ?? say("wire.bytes", { n: packet.length });
    part(chip, ".wire-chip-text").textContent = [summary, packet.changed ? say("wire.changed") : ""].filter(Boolean).join(" · ");
    chip.title = (packet.hex ?? "").replace(/../g, "$& ").trim();
    part(chip, '[data-step="pass"]').toggleAttribute("disabled", !first);
    for (const button of chip.querySelectorAll('[data-step="duplicate"], [data-step="corrupt"]')) button.toggleAttribute("hidden", Boolean(packet.end));
    part(chip, "[data-edit-waiting]").toggleAttribute("hidden", Boolean(packet.end || packet.left));
  }

  /**
   * Does something by hand to a packet that waits.
   * @param {Record<string, unknown>} step
   */
  async step(step) {
    this.draw(await json("POST", `${this.path}/wire/step?lang=${document.documentElement.lang}`, step));
  }

  /**
   * Moves the focus to a packet that was edited; if it has gone, to the next one
   * or to what is there always.
   * @param {string} direction
   * @param {number} id
   */
  focusWaiting(direction, id) {
    const box = this.querySelector(`[data-direction="${direction}"]`);
    for (const place of [`[data-id="${id}"] [data-edit-waiting]`, "[data-edit-waiting]:not([hidden])", '[data-wire="hold"]']) {
      const found = box?.querySelector(place);
      if (!(found instanceof HTMLElement) || !found.checkVisibility()) continue;
      found.focus();
      return;
    }
    const toggle = this.closest(".client")?.querySelector(".wire-toggle");
    if (toggle instanceof HTMLElement) toggle.focus();
  }

  /** @param {Event} event */
  async onClick(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    if (button.dataset.cut) {
      this.draw(await json("POST", `${this.path}/wire/cut`, { how: button.dataset.cut }));
      return;
    }
    const box = button.closest("[data-direction]");
    const name = box?.getAttribute("data-direction");
    if (!(box instanceof HTMLElement) || (name !== "to_broker" && name !== "to_client")) return;
    if (button.dataset.step) {
      const id = Number(button.closest("[data-id]")?.getAttribute("data-id"));
      /** @type {Record<string, unknown>} */
      const step = { direction: name, do: button.dataset.step, id };
      if (button.dataset.step === "corrupt") Object.assign(step, this.corruption(box));
      await this.step(step);
      return;
    }
    if (button.hasAttribute("data-edit-waiting")) {
      const id = Number(button.closest("[data-id]")?.getAttribute("data-id"));
      this.dispatchEvent(new CustomEvent("wire-edit", { bubbles: true, detail: { direction: name, id } }));
      return;
    }
    const set = await this.settings(name);
    if (button.dataset.wire === "hold") set.hold = !set.hold;
    else if (button.dataset.wire === "add") set.rules.push(this.rule(box));
    else if (button.dataset.forget) set.rules.splice(Number(button.dataset.forget), 1);
    else return;
    await this.put(name, set);
  }

  /** @param {Event} event */
  async onChange(event) {
    const input = event.target;
    if (input instanceof HTMLInputElement && input.dataset.pilot) {
      const client = await json("PUT", `${this.path}/autopilot`, { [input.dataset.pilot]: input.checked });
      this.dispatchEvent(new CustomEvent("client", { bubbles: true, detail: client }));
      return;
    }
    const box = input instanceof Element ? input.closest("[data-direction]") : null;
    const name = box?.getAttribute("data-direction");
    if (!(box instanceof HTMLElement) || (name !== "to_broker" && name !== "to_client")) return;
    if (!(input instanceof HTMLInputElement) || !input.dataset.set) return;
    const set = await this.settings(name);
    set[/** @type {"delay_ms" | "rate" | "segment"} */ (input.dataset.set)] = Math.trunc(Number(input.value) || 0);
    await this.put(name, set);
  }

  /**
   * What a direction does now: rules count down by themselves.
   * @param {"to_broker" | "to_client"} name
   * @returns {Promise<Direction>}
   */
  async settings(name) {
    return (await json("GET", `${this.path}/wire`))[name];
  }

  /**
   * @param {"to_broker" | "to_client"} name
   * @param {Direction} set
   */
  async put(name, { hold, delay_ms, rate, segment, rules }) {
    this.draw(await json("PUT", `${this.path}/wire?lang=${document.documentElement.lang}`, { [name]: { hold, delay_ms, rate, segment, rules } }));
  }

  /**
   * @param {HTMLElement} box
   * @param {string} name
   * @returns {string} the value of a control of the box's rule
   */
  value(box, name) {
    const control = box.querySelector(`[data-rule="${name}"]`);
    return control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control.value : "";
  }

  /**
   * @param {HTMLElement} box
   * @returns {{offset: number, xor: number}}
   */
  corruption(box) {
    const xor = this.value(box, "xor").trim();
    if (!/^[0-9a-f]{1,2}$/i.test(xor)) throw new Problem({ title: say("wire.hex") });
    return { offset: Math.trunc(Number(this.value(box, "offset")) || 0), xor: Number.parseInt(xor, 16) };
  }

  /**
   * @param {HTMLElement} box
   * @returns {Rule} the one that its controls describe
   */
  rule(box) {
    const [deed = "", how] = this.value(box, "do").split("-");
    /** @type {Rule} */
    const rule = { do: deed };
    const type = this.value(box, "type");
    const times = Number(this.value(box, "times"));
    if (type) rule.type = type;
    if (times) rule.times = times;
    if (how) {
      rule.how = how;
      rule.bytes = Math.trunc(Number(this.value(box, "bytes")) || 0);
    }
    if (deed === "corrupt") Object.assign(rule, this.corruption(box));
    return rule;
  }

  /** @param {unknown} error */
  refuse(error) {
    complain(error);
    void this.refresh();
  }
}

customElements.define("wire-drawer", WireDrawer);
