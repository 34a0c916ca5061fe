// Edits the draft's bytes in their grid: types, inserts, deletes, pastes,
// selects. It knows nothing of what the bytes mean: that is the server's.

import { say as tell, hear } from "./bus.js";
import { say } from "./say.js";

/**
 * What the editor works on.
 * @typedef {{
 *   hex: string,
 *   editBytes: (hex: string, key: string) => void,
 *   paste: (text: string, from: number, to: number) => void,
 *   flip: (at: number, bit: number, name: string, low: number, bare: boolean) => void,
 *   undo: () => void, redo: () => void, canUndo: boolean, canRedo: boolean,
 *   openText: () => void,
 * }} Holder
 */

/**
 * @param {string} hex
 * @returns {number[]}
 */
const bytesOf = (hex) => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

/**
 * @param {number[]} bytes
 * @returns {string}
 */
const hexOf = (bytes) => bytes.map((b) => b.toString(16).padStart(2, "0")).join("");

export class HexEditor {
  caret = 0; // the byte that is worked on; the count of bytes: behind the last one
  /** @type {number} where a selection began; -1: nothing is selected */
  anchor = -1;
  insert = false;
  half = false; // the first digit of the caret's byte has been typed
  own = false; // the focus is being moved by the editor itself
  within = false; // the focus is in the grid
  dragging = false;

  /**
   * @param {HTMLElement} place in which the draft is shown
   * @param {Holder} holder
   */
  constructor(place, holder) {
    this.place = place;
    this.holder = holder;
    place.addEventListener("focusin", (event) => this.onFocus(event));
    place.addEventListener("focusout", () => (this.within = this.own));
    place.addEventListener("keydown", (event) => this.onKey(event), true);
    place.addEventListener("pointerdown", (event) => this.onPress(event));
    place.addEventListener("pointermove", (event) => this.onDrag(event));
    place.addEventListener("dblclick", (event) => this.onDouble(event));
    place.addEventListener("click", (event) => this.onClick(event));
    window.addEventListener("pointerup", () => this.onRelease());
    for (const kind of /** @type {const} */ (["copy", "cut", "paste"])) {
      document.addEventListener(kind, (event) => this.onClipboard(kind, event));
    }
    hear("packet", () => this.redraw());
    this.redraw();
  }

  get size() {
    return this.holder.hex.length / 2;
  }

  /** @returns {[number, number] | null} the selected bytes, from and behind the last */
  get selection() {
    if (this.anchor < 0) return null;
    return [Math.min(this.anchor, this.caret), Math.min(Math.max(this.anchor, this.caret) + 1, this.size)];
  }

  /**
   * @param {EventTarget | null} target
   * @returns {HTMLElement | null} the cell of a byte that can be edited
   */
  cellOf(target) {
    const cell = target instanceof Element ? target.closest("[data-edit] .x[data-i]") : null;
    return cell instanceof HTMLElement ? cell : null;
  }

  /** @param {number} i */
  cell(i) {
    return this.cellOf(this.place.querySelector(`[data-edit] .x[data-i="${i}"]`));
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const cell = this.cellOf(event.target);
    this.within = cell !== null;
    if (!cell || this.own) return;
    this.caret = Number(cell.dataset.i);
    this.half = false;
    this.mark();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (this.undoKey(event)) return;
    const cell = this.cellOf(event.target);
    if (!cell || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "a") {
        event.preventDefault();
        this.select(0, this.size - 1);
      } else if (event.key === "Home" || event.key === "End") this.extend(event.shiftKey);
      return;
    }
    if (/^[0-9a-f]$/i.test(event.key)) {
      event.preventDefault();
      this.type(Number.parseInt(event.key, 16));
      return;
    }
    switch (event.key) {
      case "Insert":
        this.setMode(!this.insert);
        break;
      case "Delete":
        this.remove(this.caret);
        break;
      case "Backspace":
        this.remove(this.half ? this.caret : this.caret - 1);
        break;
      case "?": {
        const help = document.getElementById("hex-help");
        help?.showPopover();
        help?.querySelector("button")?.focus();
        break;
      }
      case "Enter":
        if (!event.shiftKey) return; // HexGrid holds the field
        this.selectField(cell);
        break;
      case "Escape":
        if (this.anchor < 0) return;
        this.anchor = -1;
        this.mark();
        break;
      case "ArrowLeft": case "ArrowRight": case "ArrowUp": case "ArrowDown": case "Home": case "End":
        this.extend(event.shiftKey); // HexGrid moves the focus
        return;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was one of undo's keys
   */
  undoKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return false;
    event.preventDefault();
    event.stopPropagation();
    if (key === "y" || event.shiftKey) this.holder.redo();
    else this.holder.undo();
    return true;
  }

  /** @param {boolean} on whether the move that follows selects */
  extend(on) {
    this.half = false;
    if (!on) this.anchor = -1;
    else if (this.anchor < 0) this.anchor = this.caret;
  }

  /** @param {number} digit */
  type(digit) {
    const bytes = bytesOf(this.holder.hex);
    const selected = this.selection;
    if (this.half) {
      bytes[this.caret] = ((bytes[this.caret] ?? 0) & 0xf0) | digit;
      this.half = false;
      this.paint(bytes);
      this.caret++;
    } else {
      if (selected && selected[1] - selected[0] > 1) {
        bytes.splice(selected[0], selected[1] - selected[0], digit << 4);
        this.caret = selected[0];
      } else if (this.insert || this.caret >= bytes.length) {
        bytes.splice(this.caret, 0, digit << 4);
      } else {
        bytes[this.caret] = (digit << 4) | ((bytes[this.caret] ?? 0) & 0x0f);
        this.paint(bytes);
      }
      this.half = true;
    }
    this.anchor = -1;
    const at = this.half ? this.caret : this.caret - 1;
    this.holder.editBytes(hexOf(bytes), `byte ${at}`);
    this.focus();
  }

  /**
   * Shows a byte that was overwritten at once; the server's answer follows.
   * @param {number[]} bytes
   */
  paint(bytes) {
    const cell = this.cell(this.caret);
    if (cell && this.caret < this.size) cell.textContent = (bytes[this.caret] ?? 0).toString(16).padStart(2, "0");
  }

  /** @param {number} at the byte to remove, unless some are selected */
  remove(at) {
    const selected = this.selection;
    const [from, to] = selected ?? [at, at + 1];
    this.half = false;
    if (from < 0 || from >= this.size) return;
    const bytes = bytesOf(this.holder.hex);
    bytes.splice(from, to - from);
    this.anchor = -1;
    this.caret = from;
    this.holder.editBytes(hexOf(bytes), "");
    this.focus();
  }

  /**
   * @param {number} from
   * @param {number} to the last byte
   */
  select(from, to) {
    if (to < from) return;
    this.anchor = from;
    this.caret = to;
    this.half = false;
    this.focus();
    this.mark();
  }

  /** @param {HTMLElement} cell of a field that is to be selected whole */
  selectField(cell) {
    const key = cell.dataset.f;
    const at = Number(cell.dataset.i);
    let from = at;
    let to = at;
    while (this.cell(from - 1)?.dataset.f === key) from--;
    while (this.cell(to + 1)?.dataset.f === key) to++;
    this.select(from, to);
    this.holdSelected();
  }

  /** Holds the field whose bytes, and no others, are selected. */
  holdSelected() {
    const selected = this.selection;
    if (!selected) return;
    const first = this.cell(selected[0]);
    const key = first?.dataset.f;
    for (let i = selected[0]; i < selected[1]; i++) {
      if (this.cell(i)?.dataset.f !== key) return;
    }
    const scope = first?.closest("[data-scope]")?.getAttribute("data-scope");
    if (key && scope) tell("hold", { scope, key });
  }

  /** @param {PointerEvent} event */
  onPress(event) {
    const cell = this.cellOf(event.target);
    if (!cell || event.button !== 0) return;
    const at = Number(cell.dataset.i);
    if (event.shiftKey) {
      event.preventDefault();
      if (this.anchor < 0) this.anchor = this.caret;
    } else this.anchor = -1;
    this.caret = at;
    this.half = false;
    this.from = at;
    this.dragging = event.pointerType !== "touch";
    this.focus(true);
    this.mark();
  }

  /** @param {PointerEvent} event */
  onDrag(event) {
    if (!this.dragging || !(event.buttons & 1)) return;
    const cell = this.cellOf(event.target);
    const at = Number(cell?.dataset.i);
    if (!cell || at === this.caret) return;
    if (this.anchor < 0) this.anchor = this.from ?? at;
    this.caret = at;
    this.focus(true);
    this.mark();
  }

  onRelease() {
    if (this.dragging && this.anchor >= 0 && this.anchor !== this.caret) this.holdSelected();
    this.dragging = false;
  }

  /** @param {MouseEvent} event */
  onDouble(event) {
    const cell = this.cellOf(event.target);
    if (cell && cell.dataset.f) this.selectField(cell);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const bit = target?.closest("[data-flip]");
    if (bit instanceof HTMLElement) {
      const [at, number] = (bit.dataset.flip ?? "").split(".").map(Number);
      this.holder.flip(at ?? 0, number ?? 0, bit.dataset.name ?? "", Number(bit.dataset.low), event.shiftKey);
      event.stopPropagation(); // it does not hold the field
      return;
    }
    const button = target?.closest("[data-hex-do]");
    switch (button?.getAttribute("data-hex-do")) {
      case "mode":
        this.setMode(!this.insert);
        break;
      case "undo":
        this.holder.undo();
        break;
      case "redo":
        this.holder.redo();
        break;
    }
  }

  /**
   * @param {"copy" | "cut" | "paste"} kind
   * @param {ClipboardEvent} event
   */
  onClipboard(kind, event) {
    if (!this.cellOf(document.activeElement) || !event.clipboardData) return;
    event.preventDefault();
    const [from, to] = this.selection ?? [this.caret, Math.min(this.caret + 1, this.size)];
    if (kind === "paste") {
      const text = event.clipboardData.getData("text/plain");
      // Without a selection pasted bytes take the place of as many, or go between.
      if (text) this.holder.paste(text, from, this.selection ? to : this.insert ? from : -1);
      this.anchor = -1;
      this.caret = from;
      this.focus();
      return;
    }
    event.clipboardData.setData("text/plain", this.holder.hex.slice(2 * from, 2 * to).replace(/../g, "$& ").trim());
    if (kind === "cut") this.remove(this.caret);
  }

  /** @param {boolean} insert */
  setMode(insert) {
    this.insert = insert;
    this.half = false;
    this.mark();
  }

  /**
   * Moves the focus to the caret's cell, if it is in the grid already.
   * @param {boolean} [always]
   */
  focus(always = false) {
    const cell = this.cell(this.caret);
    if (!cell || !(always || this.within)) return;
    this.own = true;
    cell.focus({ preventScroll: always });
    this.own = false;
    this.within = true;
  }

  /**
   * Draws the draft anew; if the focus was in the grid, it is again, even if its
   * cell is gone.
   * @param {() => void} draw
   */
  keep(draw) {
    const { within } = this;
    draw();
    this.within = within;
    if (within) this.focus();
  }

  /** The draft was drawn anew. */
  redraw() {
    this.caret = Math.min(this.caret, this.size);
    if (this.anchor >= this.size) this.anchor = -1;
    if (this.within) this.focus();
    const cell = this.cell(this.caret);
    for (const other of cell?.closest("[data-edit]")?.querySelectorAll('.x[tabindex="0"]') ?? []) other.setAttribute("tabindex", "-1");
    if (cell) cell.tabIndex = 0; // where Tab comes back to
    this.mark();
  }

  /** Shows the selection and what the buttons can do. */
  mark() {
    const [from, to] = this.selection ?? [-1, -1];
    for (const cell of this.place.querySelectorAll(".x.is-selected, .x[aria-selected]")) {
      cell.classList.remove("is-selected");
      cell.removeAttribute("aria-selected");
    }
    for (let i = from; i < to; i++) {
      const cell = this.cell(i);
      cell?.classList.add("is-selected");
      cell?.setAttribute("aria-selected", "true");
    }
    for (const cell of this.place.querySelectorAll(".x.is-half")) cell.classList.remove("is-half");
    if (this.half) this.cell(this.caret)?.classList.add("is-half");
    this.place.querySelector("[data-edit]")?.classList.toggle("is-insert", this.insert);
    const mode = this.place.querySelector('[data-hex-do="mode"]');
    mode?.setAttribute("aria-pressed", String(this.insert));
    for (const [name, can] of /** @type {const} */ ([["undo", this.holder.canUndo], ["redo", this.holder.canRedo]])) {
      const button = this.place.querySelector(`[data-hex-do="${name}"]`);
      if (button instanceof HTMLButtonElement) button.disabled = !can;
    }
    const where = this.place.querySelector(".hex-where");
    const text = to - from > 1 ? say("hex.selected", { n: to - from, from, to: to - 1 }) : "";
    if (where && where.textContent !== text) where.textContent = text;
  }
}
