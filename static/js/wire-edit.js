// A packet that waits in a wire is edited in the builder, as a draft is: this
// is the bar which then stands where the one for sending does.

import { PacketBuilder } from "./builder.js";
import { say as tell } from "./bus.js";
import { json } from "./api.js";
import { part } from "./part.js";
import { say } from "./say.js";
import { complain } from "./toast.js";
import { visible } from "./visible.js";
import { WireDrawer } from "./wire-drawer.js";

/**
 * What is edited: a packet by its id, in one direction of the wire of a drawer,
 * and its bytes as they wait.
 * @typedef {{drawer: WireDrawer, direction: "to_broker" | "to_client", id: number, hex: string}} Edited
 */

class WireEdit extends HTMLElement {
  /** @type {Edited | null} */
  edited = null;
  busy = false;

  connectedCallback() {
    const builder = document.querySelector("packet-builder");
    if (!(builder instanceof PacketBuilder)) return;
    this.builder = builder;
    this.heading = part(this, ".wire-edit-title");
    this.line = part(this, ".send-say");
    document.addEventListener("wire-edit", (event) => {
      const { direction, id } = /** @type {CustomEvent} */ (event).detail;
      if (event.target instanceof WireDrawer) void this.begin(event.target, direction, id).catch(complain);
    });
    for (const change of ["wire", "clients", "built"]) document.addEventListener(change, () => this.draw());
    this.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-edit-do]") : null;
      if (button) void this.finish(button.getAttribute("data-edit-do") ?? "").catch(complain);
    });
    document.addEventListener("keydown", (event) => {
      if (!this.edited || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.finish("release").catch(complain);
    });
  }

  /**
   * @param {WireDrawer} drawer
   * @param {"to_broker" | "to_client"} direction
   * @param {number} id
   */
  async begin(drawer, direction, id) {
    const packet = await json("GET", `${drawer.path}/wire/${direction}/${id}`);
    this.edited = { drawer, direction, id, hex: packet.hex };
    this.show(true);
    const type = packet.type ?? say("wire.packet");
    if (this.heading) this.heading.textContent = say(`wire.editing.${direction}`, { type, name: visible(drawer.client?.name ?? "") });
    this.builder?.borrow(packet.hex, packet.version ?? "");
    tell("borrowed", null);
    this.draw();
    this.heading?.focus();
  }

  /** @param {boolean} on */
  show(on) {
    this.hidden = !on;
    this.dataset.direction = this.edited?.direction ?? "";
    document.querySelector("send-bar")?.toggleAttribute("hidden", on);
  }

  /** @returns {"first" | "later" | "gone"} where the packet stands in its wire */
  get place() {
    const { drawer, direction, id } = this.edited ?? {};
    const set = direction && drawer?.isConnected ? drawer.wire?.[direction] : undefined;
    const waiting = set?.waiting ?? [];
    if (waiting[0]?.id === id && waiting.length > 0) return "first";
    // Of very many, only the first are listed.
    return waiting.some((packet) => packet.id === id) || (set?.waiting_total ?? 0) > waiting.length ? "later" : "gone";
  }

  draw() {
    if (!this.edited) return;
    const { place } = this;
    const empty = !this.builder?.hex;
    part(this, '[data-edit-do="release"]').toggleAttribute("disabled", place !== "first" || empty);
    part(this, '[data-edit-do="keep"]').toggleAttribute("disabled", place === "gone" || empty);
    const text = say(empty && place !== "gone" ? "wire.edit.empty" : `wire.edit.${place}`);
    if (this.line && this.line.textContent !== text) this.line.textContent = text;
  }

  /** @param {string} how "release", "keep" or "cancel" */
  async finish(how) {
    const { edited, builder } = this;
    if (!edited || !builder || this.busy) return;
    const { drawer, direction, id } = edited;
    this.busy = true;
    try {
      if (how !== "cancel") {
        await builder.ready();
        if (part(this, `[data-edit-do="${how}"]`).hasAttribute("disabled")) return;
        if (builder.hex !== edited.hex) {
          await drawer.step({ direction, do: "edit", id, hex: builder.hex });
          edited.hex = builder.hex;
        }
        if (how === "release") await drawer.step({ direction, do: "pass", id });
      }
    } catch (error) {
      void drawer.refresh();
      throw error;
    } finally {
      this.busy = false;
    }
    this.edited = null;
    this.show(false);
    builder.giveBack();
    drawer.focusWaiting(direction, id);
  }
}

customElements.define("wire-edit", WireEdit);
