// The ladder: a windowed list of what was said between clients and broker.
// Only the rows in sight are in the document, and only their contents and the
// latest are in memory.

import { json } from "./api.js";
import { hear, say } from "./bus.js";
import { drawBrackets } from "./ladder-bracket.js";
import { LadderHead } from "./ladder-head.js";
import { LadderLayout, letter } from "./ladder-layout.js";
import { drawRow, noteOf, noteText } from "./ladder-row.js";
import { RowStore } from "./ladder-store.js";
import { settled } from "./latest.js";
import { part } from "./part.js";
import { say as text } from "./say.js";

/** @typedef {import("./live.js").BenchEvent} BenchEvent */

// In pixels where letters have their usual size:
const timeColumn = 76; // for the time at the left
const edge = 30; // and between the outermost lane and the right edge
const spare = 8; // rows drawn beyond the edges
const newsEvery = 5000; // milliseconds between two words to a screen reader
const rest = 100; // milliseconds without another row under a pointer that does not move
const noteLine = 18;
const noteLines = 8; // of an unfolded note, at most; the packet view has the whole text

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
  bench = this.closest("[data-bench]")?.getAttribute("data-bench") ?? "main";
  store = new RowStore(this.bench, (answer) => this.arrived(answer));
  /** @type {Map<number, HTMLElement>} the rows in the document, by their event's number */
  drawn = new Map();
  /** @type {Set<number>} numbers of those that are to be drawn anew */
  stale = new Set();
  width = 0; // of what is in sight, and its height: asked for once, for that costs a layout
  height = 0;
  follow = true;
  unseen = 0;
  chosen = -1; // number of the chosen event
  opened = 0; // number of the event whose notes somebody has unfolded, beside the chosen packet's; 0: none
  pointed = 0; // the group that the pointer or the focus is on, and is lit; 0: none
  under = 0; // the group that is under the pointer
  pointer = { x: -1, y: -1 };
  paused = false;
  waiting = 0; // packets that came while paused
  newest = 0; // number of the latest event that is known to be there
  at = Infinity; // rows of later events are dimmed: the moment that the broker's state is shown of
  instance = "";
  catching = false;
  frame = 0;
  slotsDrawn = 0;
  news = 0;

  scroller = part(this, ".ladder-scroll");
  space = part(this, ".ladder-rows");
  head = new LadderHead(part(this, ".lanes"));
  pill = part(this, ".tail-pill");
  empty = part(this, ".ladder-empty");
  said = part(this, ".ladder-said");
  newsBox = part(this, ".ladder-news");
  fold = /** @type {HTMLInputElement | null} */ (this.querySelector("[data-fold]"));
  brackets = document.createElement("div");

  /** @type {number} how wide a letter of a note is, on average, with a little to spare */
  letter = letterWidth(this) * 1.04;

  /** Lights what rows have come to rest under the pointer. */
  rested = settled(rest, () => this.relate(this.under));

  connectedCallback() {
    this.brackets.className = "brackets";
    this.brackets.setAttribute("aria-hidden", "true");
    this.space.append(this.brackets);
    this.fold?.addEventListener("change", () => this.remeasure());
    const sizes = new ResizeObserver(() => this.remeasure());
    sizes.observe(this.scroller);
    sizes.observe(this.head.box); // as high as its letters, which may grow
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.scroller.addEventListener("click", (event) => this.onClick(event));
    this.scroller.addEventListener("pointerover", (event) => this.onPoint(event));
    this.scroller.addEventListener("pointerleave", () => this.relate((this.under = 0)));
    this.scroller.addEventListener("keydown", (event) => this.onKey(event));
    this.pill.addEventListener("click", () => this.toTail());
    document.querySelector("[data-pause]")?.addEventListener("click", () => this.pause(!this.paused));
    document.addEventListener("click", (event) => this.onLink(event));
    hear("event", (event) => this.mark(event?.n ?? -1));
    setInterval(() => this.tell(), newsEvery);
  }

  /** @returns {BenchEvent[]} the events whose rows the page holds, in order */
  get held() {
    return [...this.store.events.values()].sort((a, b) => a.n - b.n);
  }

  /** @param {BenchEvent[]} events that happened just now, in order */
  add(events) {
    const { layout } = this;
    let packets = 0;
    for (const event of events) {
      this.newest = Math.max(this.newest, event.n);
      this.store.put(event);
      this.head.follow(event);
      if (event.kind === "packet") packets++;
      if (event.n !== layout.next || this.paused) continue;
      layout.append(letter(event));
      if (event.kind === "client" && event.client?.id) layout.rename(event.client.id, event.client.name);
      else if (event.kind === "open") layout.lane({ n: event.n, what: "open", lane: event.lane, ...(event.name ? { name: event.name } : {}) });
      else if (event.kind === "close") layout.free(event.lane, event.n);
      else if (event.kind === "packet") layout.take(event.lane, event.n);
    }
    this.news += packets;
    if (this.paused) {
      this.waiting += packets;
      this.later();
      return;
    }
    if (!this.follow && !layout.numbers) this.unseen += packets;
    if (layout.next <= this.newest) void this.catchUp();
    for (const event of events) this.refresh(event);
    this.changed();
  }

  /**
   * An exchange goes on: its first row says so.
   * @param {BenchEvent} event
   */
  refresh(event) {
    if (event.exchange && event.exchange.first !== event.n) this.redraw(event.exchange.first);
    if (event.kind === "close") for (const [n, state] of this.store.states) if (state.cut) this.redraw(n);
  }

  /** There are more rows, or fewer. */
  changed() {
    const moved = this.layout.trim(0);
    if (moved > 0) this.dropped(moved);
    this.empty.hidden = this.layout.count > 0;
    if (this.layout.slots.length !== this.slotsDrawn) this.clear();
    this.dispatchEvent(new CustomEvent("grown"));
    this.later();
  }

  /**
   * The outline of what the page has not seen: on arrival, after a pause, after
   * a gap in the stream.
   * @returns {Promise<void>}
   */
  async catchUp() {
    if (this.catching) return;
    this.catching = true;
    try {
      for (let more = true; more && !this.paused; ) {
        const out = await json("GET", `/api/benches/${this.bench}/outline?from=${this.layout.next}`);
        if (this.isAnother(out.instance)) return;
        if (out.first > this.layout.first) this.forget(out.first);
        if (out.from > this.layout.next) this.restart(out.from);
        const { next } = this.layout; // some may have come with the stream meanwhile
        for (const lane of out.lanes) if (lane.n >= next) this.layout.lane(lane);
        this.layout.append(out.kinds.slice(Math.max(0, next - out.from)));
        this.head.setClocks(out.clocks);
        this.newest = Math.max(this.newest, out.end - 1);
        this.changed();
        more = out.next < out.end || this.layout.next <= this.newest;
      }
    } catch {
      // The stream says that the server is away, and asks again when it is back.
    } finally {
      this.catching = false;
    }
  }

  /**
   * @param {string} instance of the bench, as an answer names it
   * @returns {boolean} whether it is another one than before, so that all begins anew
   */
  isAnother(instance) {
    const before = this.instance;
    this.instance = instance;
    if (before === "" || before === instance) return false;
    this.reset();
    return true;
  }

  /**
   * Rows that the page has fetched.
   * @param {{instance: string, first: number, events: BenchEvent[]}} answer
   */
  arrived(answer) {
    if (this.isAnother(answer.instance)) return;
    if (answer.first > this.layout.first) this.forget(answer.first);
    for (const event of answer.events) this.redraw(event.n);
    this.unfoldNotes();
    this.later();
  }

  /** @param {number} first the oldest event that the bench still holds */
  forget(first) {
    const moved = this.layout.trim(first);
    if (moved > 0) this.dropped(moved);
  }

  /** @param {number} moved by how many pixels all rows have moved up */
  dropped(moved) {
    this.clear();
    if (!this.follow) {
      this.space.style.height = `${this.layout.height}px`;
      this.scroller.scrollTop = Math.max(0, this.scroller.scrollTop - moved);
    }
    this.said.hidden = false;
    this.said.textContent = text("ladder.dropped", { n: (this.layout.first - 1).toLocaleString(document.documentElement.lang) });
  }

  /** @param {number} first where the rows begin, since nothing before is held */
  restart(first) {
    const { names, scale } = this.layout;
    this.layout = new LadderLayout();
    this.layout.names = names;
    this.layout.scale = scale;
    this.layout.first = first;
    this.layout.showNotes = this.fold?.checked ?? true;
    this.clear();
    this.dispatchEvent(new CustomEvent("restarted"));
  }

  reset() {
    this.store.clear();
    this.opened = 0;
    this.head.clocks.clear();
    this.newest = 0;
    this.said.hidden = true;
    this.restart(1);
    this.empty.hidden = false;
    this.later();
  }

  clear() {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.stale.clear();
    this.slotsDrawn = this.layout.slots.length;
    this.head.drawn = "";
  }

  /** @param {number} n number of an event whose row is to be drawn anew */
  redraw(n) {
    if (this.drawn.has(n)) this.stale.add(n);
  }

  remeasure() {
    this.width = this.scroller.clientWidth;
    this.height = this.scroller.clientHeight;
    if (this.width === 0) return;
    const top = this.layout.rowAt(this.scroller.scrollTop);
    const chosenSeen = this.drawn.has(this.chosen);
    this.layout.showNotes = this.fold?.checked ?? true;
    this.layout.scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
    this.layout.tall = this.tallNotes();
    this.layout.measure();
    this.clear();
    if (!this.follow) {
      this.space.style.height = `${this.layout.height}px`;
      this.scroller.scrollTop = this.layout.tops[top] ?? 0;
      if (this.chosen > 0 && chosenSeen) this.intoSight(this.layout.rowOf(this.chosen));
    }
    this.later();
  }

  /** @returns {Map<number, number>} how high the notes are that are unfolded */
  tallNotes() {
    const { layout } = this;
    const columns = Math.max(12, Math.floor((this.width / layout.scale - 106) / this.letter));
    const chosen = this.store.events.get(this.chosen);
    const sent = chosen?.from === "client" ? chosen.cause ?? 0 : 0; // by a wire that did something to it
    /** @type {Map<number, number>} */
    const tall = new Map();
    for (const first of [this.chosen, sent, this.opened]) {
      for (let n = first; first > 0 && n < first + 200; n++) {
        const event = this.store.events.get(n);
        if (!event || noteOf(event) !== first) continue;
        const said = [noteText(event), ...(event.rules ?? [])].join("  ");
        const wide = said.match(/[\u2e80-\uffef]/g)?.length ?? 0; // of Chinese: as wide as high
        const length = said.length + wide * (12 / this.letter - 1);
        tall.set(n, Math.round(layout.scale * (6 + noteLine * Math.min(noteLines, Math.max(1, Math.ceil(length / columns))))));
      }
    }
    return tall;
  }

  /** Unfolds the notes of the chosen packet and those that were asked for; what is in sight stays where it is. */
  unfoldNotes() {
    const { layout } = this;
    const tall = this.tallNotes();
    if (tall.size === layout.tall.size && [...tall].every(([n, height]) => layout.tall.get(n) === height)) return;
    const row = Math.max(0, layout.rowOf(this.chosen));
    const before = layout.tops[row] ?? 0;
    for (const n of layout.unfold(tall)) this.redraw(n);
    for (const [n, box] of this.drawn) box.style.top = `${layout.tops[layout.rowOf(n)]}px`;
    this.space.style.height = `${layout.height}px`;
    const moved = (layout.tops[row] ?? 0) - before;
    if (!this.follow && moved !== 0) this.scroller.scrollTop += moved;
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const { layout, width, height } = this;
    if (width === 0 || document.hidden) return;
    if (this.follow) {
      this.space.style.height = `${layout.height}px`;
      this.scroller.scrollTop = layout.height;
    }
    // Where things are is asked before anything is drawn: asked in between,
    // it would have the browser lay out the page each time.
    const y = this.scroller.scrollTop;
    this.space.style.height = `${layout.height}px`;
    this.drawPill();

    const first = Math.max(0, layout.rowAt(y) - spare);
    const last = Math.min(layout.rows - 1, layout.rowAt(y + height) + spare);
    const [from, to] = [layout.at(first), layout.at(Math.max(first, last))];
    for (const [n, row] of this.drawn) {
      if (n >= from && n <= to && !this.stale.has(n)) continue;
      row.remove();
      this.drawn.delete(n);
    }
    this.stale.clear();
    const lanes = { from: timeColumn * layout.scale, to: width - edge * layout.scale, width };
    const sight = { lanes, stays: layout.staysIn(from, to), states: this.store.states };
    const fragment = document.createDocumentFragment();
    const missing = [];
    const packets = [];
    for (let row = first; row <= last; row++) {
      const n = layout.at(row);
      if (layout.tops[row] === layout.tops[row + 1]) continue;
      const event = this.store.events.get(n);
      if (!event) missing.push(n);
      if (event?.kind === "packet") packets.push(event);
      const before = this.drawn.get(n);
      if (before && !(event && before.classList.contains("is-waiting"))) continue;
      before?.remove();
      const box = drawRow(layout, row, event, sight);
      if (n === this.chosen) this.choose(box);
      this.drawn.set(n, box);
      fragment.append(box);
    }
    this.space.append(fragment);
    if (!this.drawn.has(this.chosen)) this.scroller.removeAttribute("aria-activedescendant");
    if (missing.length > 0) this.store.want(missing);
    this.brackets.replaceChildren(...drawBrackets(layout, packets, sight, { top: Math.max(0, y - 100), bottom: Math.min(layout.height, y + height + 100) }));
    this.light();
    this.head.draw(layout, this.follow ? layout.next : layout.at(layout.rowAt(y + height / 2)), lanes);
  }

  drawPill() {
    this.pill.hidden = this.paused ? false : this.follow || this.unseen === 0;
    if (!this.pill.hidden) this.pill.textContent = this.paused ? text("ladder.waiting", { n: this.waiting }) : text("ladder.new", { n: this.unseen });
  }

  onScroll() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    if (atEnd) this.unseen = 0;
    this.follow = atEnd && !this.paused;
    this.later();
  }

  toTail() {
    if (this.paused) this.pause(false);
    this.follow = true;
    this.unseen = 0;
    this.later();
  }

  /** @param {boolean} on whether the rows stay as they are now */
  pause(on) {
    this.paused = on;
    this.waiting = 0;
    const button = document.querySelector("[data-pause]");
    button?.setAttribute("aria-pressed", String(on));
    if (button) button.textContent = text(on ? "ladder.go-on" : "ladder.pause");
    this.follow = !on && this.follow;
    if (!on) {
      this.follow = true;
      void this.catchUp();
    }
    this.later();
  }

  /** @param {EventTarget | null} target */
  groupOf(target) {
    const box = target instanceof Element ? target.closest(".ladder-row") : null;
    return box instanceof HTMLElement ? Number(box.dataset.group ?? 0) : 0;
  }

  /**
   * Chooses the packet, or that of which the note tells. A note that tells of
   * none, or of one in a wire, is unfolded by itself.
   * @param {MouseEvent} click
   */
  onClick({ target }) {
    const box = target instanceof Element ? target.closest(".ladder-row") : null;
    const event = box instanceof HTMLElement ? this.store.events.get(Number(box.dataset.n)) : undefined;
    if (!event) return;
    const first = noteOf(event);
    if (event.kind === "packet") say("event", { n: event.n });
    else if (event.kind === "explain" && event.cause) say("event", { n: event.cause });
    else if (first > 0) {
      this.opened = this.opened === first ? 0 : first;
      this.unfoldNotes();
      this.later();
    }
  }

  /**
   * A link to an event in one of the server's fragments.
   * @param {MouseEvent} event
   */
  onLink(event) {
    const link = event.target instanceof Element ? event.target.closest("[data-event]") : null;
    if (!(link instanceof HTMLElement)) return;
    event.preventDefault();
    this.go(Number(link.dataset.event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { layout } = this;
    const at = layout.rowOf(this.chosen);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / 60));
    let to = -1;
    switch (event.key) {
      case "ArrowDown": to = layout.packetFrom(at + 1, 1); break;
      case "ArrowUp": to = layout.packetFrom((at < 0 ? layout.rows : at) - 1, -1); break;
      case "PageDown": to = layout.packetFrom(Math.min(layout.rows - 1, at + page), 1); break;
      case "PageUp": to = layout.packetFrom(Math.max(0, at - page), -1); break;
      case "Home": to = layout.packetFrom(0, 1); break;
      case "End": to = layout.packetFrom(layout.rows - 1, -1); break;
      default: return;
    }
    event.preventDefault();
    if (to >= 0) this.go(layout.at(to), event.repeat);
  }

  /**
   * Brings an event into sight and chooses it.
   * @param {number} n
   * @param {boolean} [held] a key does that is held down: others will follow
   */
  go(n, held = false) {
    const { layout } = this;
    const row = layout.rowOf(n);
    if (row >= 0) {
      this.follow = false;
      this.intoSight(row);
    }
    say("event", { n, held });
  }

  /** @param {number} row */
  intoSight(row) {
    const top = this.layout.tops[row] ?? 0;
    const bottom = this.layout.tops[row + 1] ?? 0;
    const { scrollTop, clientHeight } = this.scroller;
    this.space.style.height = `${this.layout.height}px`;
    if (row < 0) return;
    if (top < scrollTop) this.scroller.scrollTop = Math.max(0, top - 60);
    if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight + 60;
  }

  /** @param {number} n number of the event that is chosen now; -1: none */
  mark(n) {
    this.chosen = n;
    for (const row of this.space.querySelectorAll(".is-chosen")) {
      row.classList.remove("is-chosen");
      row.setAttribute("aria-selected", "false");
    }
    this.scroller.removeAttribute("aria-activedescendant");
    if (n >= 0) this.follow = false; // until somebody scrolls to the end again
    this.unfoldNotes();
    this.draw();
    const box = this.drawn.get(n);
    if (box) this.choose(box);
    this.light();
  }

  /** @param {HTMLElement} box */
  choose(box) {
    box.classList.add("is-chosen");
    box.setAttribute("aria-selected", "true");
    this.scroller.setAttribute("aria-activedescendant", box.id);
  }

  /**
   * The pointer is on another row. Rows that run by under it, since somebody
   * scrolls, are not lit one after the other: that would draw all anew each time.
   * @param {PointerEvent} event
   */
  onPoint(event) {
    const moved = event.clientX !== this.pointer.x || event.clientY !== this.pointer.y;
    this.pointer = { x: event.clientX, y: event.clientY };
    this.under = this.groupOf(event.target);
    if (moved) this.relate(this.under);
    else this.rested();
  }

  /** @param {number} group to light; 0: that of the chosen packet */
  relate(group) {
    if (group === this.pointed) return;
    this.pointed = group;
    this.light();
  }

  /**
   * Lights all that belongs to one message: the PUBLISH, its copies, their
   * acknowledgements and why. The other rows step back.
   */
  light() {
    const group = this.pointed || (this.store.events.get(this.chosen)?.group ?? 0);
    const boxes = [...this.drawn.values()];
    const related = group > 0 ? boxes.filter((box) => Number(box.dataset.group) === group) : [];
    const dims = related.length > 1;
    for (const box of boxes) {
      const mine = dims && Number(box.dataset.group) === group;
      box.classList.toggle("is-related", mine && !box.classList.contains("is-chosen"));
      box.classList.toggle("is-dim", dims && !mine);
      box.classList.toggle("is-later", Number(box.dataset.n) > this.at);
    }
    for (const box of this.brackets.children) {
      const first = this.store.events.get(Number(box.getAttribute("data-first")));
      box.classList.toggle("is-dim", dims && first?.group !== group);
    }
  }

  /** @param {number} n rows of later events step back; Infinity: none */
  setMoment(n) {
    this.at = n;
    this.light();
  }

  /** Tells a screen reader what has come, in one line now and then. */
  tell() {
    if (this.news > 0 && !document.hidden) this.newsBox.textContent = text("ladder.news", { n: this.news });
    this.news = 0;
  }
}

customElements.define("flow-ladder", FlowLadder);
