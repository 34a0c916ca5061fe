// The ladder: a windowed list of what was said between clients and broker.
// Only the rows in sight are in the document.

import { hear, say } from "./bus.js";
import { LadderLayout } from "./ladder-layout.js";
import { part } from "./part.js";
import { drawRow } from "./ladder-row.js";

/** @typedef {import("./live.js").BenchEvent} BenchEvent */

const timeColumn = 76; // pixels for the time at the left
const edge = 30; // and between the outermost lane and the right edge
const spare = 8; // rows drawn beyond the edges

/**
 * @param {Element} element whose font is asked about
 * @returns {number} pixels
 */
function letterWidth(element) {
  const sample = "kitchen asked for a clean session: whatever was kept is gone MQTT-3.1.2-6";
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 7;
  context.font = `12px ${getComputedStyle(element).fontFamily}`;
  return context.measureText(sample).width / sample.length;
}

export class FlowLadder extends HTMLElement {
  layout = new LadderLayout();
  /** @type {Map<number, HTMLElement>} the rows in the document, by their index */
  drawn = new Map();
  follow = true;
  unseen = 0;
  chosen = -1; // number of the chosen event
  frame = 0;
  slotsDrawn = 0;
  lanesDrawn = "";

  scroller = part(this, ".ladder-scroll");
  space = part(this, ".ladder-rows");
  header = part(this, ".lanes");
  pill = part(this, ".tail-pill");
  empty = part(this, ".ladder-empty");
  said = part(this, ".ladder-said");
  fold = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-fold]"));

  /** @type {number} how wide a letter of a note is, on average, with a little to spare */
  letter = letterWidth(this) * 1.04;

  connectedCallback() {
    this.fold?.addEventListener("change", () => this.remeasure());
    new ResizeObserver(() => this.remeasure()).observe(this.scroller);
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.scroller.addEventListener("click", (event) => this.onClick(event));
    this.scroller.addEventListener("pointerover", (event) => this.relate(this.rowOf(event.target)));
    this.scroller.addEventListener("pointerleave", () => this.relate(-1));
    this.scroller.addEventListener("keydown", (event) => this.onKey(event));
    this.pill.addEventListener("click", () => this.toTail());
    hear("event", (event) => this.mark(event?.n ?? -1));
  }

  /** @param {BenchEvent[]} events */
  add(events) {
    for (const event of events) this.layout.add(event);
    this.trim();
    this.empty.hidden = this.layout.rows.length > 0;
    for (const event of events) {
      if (event.kind === "explain") this.redraw(this.layout.rowOf.get(event.cause ?? -1));
    }
    if (!this.follow) this.unseen += events.filter((event) => event.kind === "packet").length;
    if (this.layout.slots.length !== this.slotsDrawn) this.clear();
    this.later();
  }

  /** Keeps the page's memory bounded, and says what is no longer here. */
  trim() {
    const moved = this.layout.trim();
    if (moved === 0) return;
    this.clear();
    if (!this.follow) {
      this.space.style.height = `${this.layout.height}px`;
      this.scroller.scrollTop = Math.max(0, this.scroller.scrollTop - moved);
    }
    this.said.hidden = false;
    this.said.textContent = `The ${this.layout.dropped.toLocaleString("en")} oldest rows have left this page; it shows the latest.`;
  }

  reset() {
    this.layout = new LadderLayout();
    this.said.hidden = true;
    this.clear();
    this.empty.hidden = false;
    this.remeasure();
  }

  clear() {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.slotsDrawn = this.layout.slots.length;
    this.lanesDrawn = "";
  }

  /** @param {number | undefined} index a row that is to be drawn anew */
  redraw(index) {
    if (index === undefined) return;
    this.drawn.get(index)?.remove();
    this.drawn.delete(index);
  }

  remeasure() {
    const width = this.scroller.clientWidth;
    if (width === 0) return;
    const top = this.layout.rowAt(this.scroller.scrollTop);
    this.layout.measure(Math.floor((width - 106) / this.letter), this.fold?.checked ?? true);
    this.clear();
    if (!this.follow) {
      this.space.style.height = `${this.layout.height}px`;
      this.scroller.scrollTop = this.layout.tops[top] ?? 0;
    }
    this.later();
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const width = this.scroller.clientWidth;
    if (width === 0) return;
    this.space.style.height = `${this.layout.height}px`;
    if (this.follow) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.pill.hidden = this.follow || this.unseen === 0;
    this.pill.textContent = `${this.unseen} new ↓`;

    const y = this.scroller.scrollTop;
    const first = Math.max(0, this.layout.rowAt(y) - spare);
    const last = Math.min(this.layout.rows.length - 1, this.layout.rowAt(y + this.scroller.clientHeight) + spare);
    for (const [index, row] of this.drawn) {
      if (index < first || index > last) {
        row.remove();
        this.drawn.delete(index);
      }
    }
    const lanes = { from: timeColumn, to: width - edge, width };
    for (let i = first; i <= last; i++) {
      const row = this.layout.rows[i];
      if (!row || this.drawn.has(i) || this.layout.tops[i] === this.layout.tops[i + 1]) continue;
      const box = drawRow(this.layout, i, row, lanes);
      if (row.event.n === this.chosen) this.choose(box);
      this.drawn.set(i, box);
      this.space.append(box);
    }
    this.drawHeader(this.follow ? this.layout.rows.length : this.layout.rowAt(y + this.scroller.clientHeight / 2), lanes);
  }

  /**
   * @param {number} row whose lanes are named
   * @param {{from: number, to: number}} lanes
   */
  drawHeader(row, lanes) {
    const stays = this.layout.lanesAt(row);
    const key = JSON.stringify([lanes, this.layout.slots.length, stays.map((s) => [s.slot, s.name, s.gone])]);
    if (key === this.lanesDrawn) return;
    this.lanesDrawn = key;
    this.header.replaceChildren();
    const name = (/** @type {string} */ text, /** @type {number} */ slot, /** @type {string} */ className) => {
      const lane = document.createElement("span");
      lane.className = `lane ${className}`;
      lane.textContent = text;
      const x = this.layout.x(slot, lanes.from, lanes.to);
      lane.style.left = `${x}px`;
      if (slot >= 0) {
        const side = slot % 2 === 0 ? this.layout.left : this.layout.right;
        lane.style.maxWidth = `${Math.max(34, (lanes.to - lanes.from) / 2 / side - 14)}px`;
        lane.title = text;
        lane.classList.toggle("is-right", slot % 2 === 1);
      }
      this.header.append(lane);
    };
    name("broker", -1, "is-broker");
    for (const stay of stays) name(stay.name, stay.slot, stay.gone ? "is-gone" : "");
  }

  onScroll() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    if (atEnd) this.unseen = 0;
    this.follow = atEnd;
    this.later();
  }

  toTail() {
    this.follow = true;
    this.unseen = 0;
    this.later();
  }

  /**
   * @param {EventTarget | null} target
   * @returns {number} the index of the packet row at a target: its own, or that of the note's cause; -1
   */
  rowOf(target) {
    const box = target instanceof Element ? target.closest(".ladder-row") : null;
    const index = box ? Number(box.id.slice(4)) : -1;
    const event = this.layout.rows[index]?.event;
    if (event?.kind === "packet") return index;
    if (event?.kind === "explain") return this.layout.rowOf.get(event.cause ?? -1) ?? -1;
    return -1;
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const row = this.layout.rows[this.rowOf(event.target)];
    if (row) say("event", { n: row.event.n });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const at = this.layout.rowOf.get(this.chosen) ?? (event.key === "ArrowUp" ? this.layout.rows.length : -1);
    let to = -1;
    switch (event.key) {
      case "ArrowDown": to = this.layout.packetFrom(at + 1, 1); break;
      case "ArrowUp": to = this.layout.packetFrom(at - 1, -1); break;
      case "Home": to = this.layout.packetFrom(0, 1); break;
      case "End": to = this.layout.packetFrom(this.layout.rows.length - 1, -1); break;
      default: return;
    }
    event.preventDefault();
    const row = this.layout.rows[to];
    if (!row) return;
    const top = this.layout.tops[to] ?? 0;
    const bottom = this.layout.tops[to + 1] ?? 0;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (bottom > this.scroller.scrollTop + this.scroller.clientHeight) this.scroller.scrollTop = bottom - this.scroller.clientHeight;
    this.onScroll();
    this.draw();
    say("event", { n: row.event.n });
  }

  /** @param {number} n number of the event that is chosen now; -1: none */
  mark(n) {
    this.chosen = n;
    for (const row of this.space.querySelectorAll(".is-chosen")) {
      row.classList.remove("is-chosen");
      row.setAttribute("aria-selected", "false");
    }
    this.scroller.removeAttribute("aria-activedescendant");
    this.unfold(n);
    const box = this.drawn.get(this.layout.rowOf.get(n) ?? -1);
    if (box) this.choose(box);
  }

  /**
   * Unfolds the notes of a packet, which stays where it is on the screen.
   * @param {number} n number of its event; -1: none
   */
  unfold(n) {
    const { layout } = this;
    if (layout.unfolded === n) return;
    layout.unfolded = n;
    const row = layout.rowOf.get(n) ?? layout.rowAt(this.scroller.scrollTop);
    const before = layout.tops[row] ?? 0;
    layout.measure(layout.columns, layout.showNotes);
    this.clear();
    this.space.style.height = `${layout.height}px`;
    this.scroller.scrollTop += (layout.tops[row] ?? 0) - before;
    if (n >= 0) this.follow = false; // until somebody scrolls to the end again
    this.draw();
  }

  /** @param {HTMLElement} box */
  choose(box) {
    box.classList.add("is-chosen");
    box.setAttribute("aria-selected", "true");
    this.scroller.setAttribute("aria-activedescendant", box.id);
  }

  /**
   * Lights the rows that a packet caused, and the one that caused it.
   * @param {number} index
   */
  relate(index) {
    const event = this.layout.rows[index]?.event;
    for (const [i, box] of this.drawn) {
      const other = this.layout.rows[i]?.event;
      const related = event !== undefined && other !== undefined && i !== index &&
        (other.cause === event.n || (event.cause !== undefined && (other.n === event.cause || other.cause === event.cause)));
      box.classList.toggle("is-related", related);
    }
  }
}

customElements.define("flow-ladder", FlowLadder);
