// The ladder's geometry, without a page: which row is where, which client has
// which slot, what is alive at a row. Pure: no DOM, so that it can be tested.

/** @typedef {import("./live.js").BenchEvent} BenchEvent */

export const packetHeight = 42;
export const markHeight = 26;
const noteLine = 18;
const noteFrame = 6;
const noteLines = 8; // of an unfolded note, at most; the packet view has the whole text

/** How many rows the page holds, and how many of the oldest go at once when there are more. */
export const maxRows = 100_000;
const dropRows = 10_000;

/**
 * A row of the ladder. `alive` has a bit for each slot (of the first 31) whose
 * connection is open while the row is drawn; `parted`: a close after DISCONNECT.
 * @typedef {{event: BenchEvent, slot: number, alive: number, notes: number, parted?: boolean}} Row
 * @typedef {{slot: number, name: string, lane: string, from: number, to: number}} Stay
 */

export class LadderLayout {
  constructor() {
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Float64Array} where each row begins; one more entry than rows */
    this.tops = new Float64Array(1024);
    /** @type {Map<number, number>} the row of a packet, by its event's number */
    this.rowOf = new Map();
    /** @type {Map<string, number>} the slot of each lane that has one now */
    this.slotOf = new Map();
    /** @type {Map<string, string>} */
    this.names = new Map();
    /** @type {(string | null)[]} the lane in each slot, null for a free one */
    this.slots = [];
    /** @type {Stay[]} who was in which slot, by rows */
    this.stays = [];
    /** @type {Map<string, Stay>} each lane's latest stay */
    this.stayOf = new Map();
    this.alive = 0;
    this.showNotes = true;
    this.columns = 50;
    /** @type {number} the packet whose notes are unfolded, by its event's number; -1: none */
    this.unfolded = -1;
    /** @type {number} events that were dropped to keep the page's memory bounded */
    this.dropped = 0;
    /** @type {Set<string>} the lanes whose client has sent DISCONNECT on the connection that is open */
    this.parted = new Set();
  }

  get height() {
    return this.tops[this.rows.length] ?? 0;
  }

  /** @returns {number} slots on the left of the broker */
  get left() {
    return Math.ceil(this.slots.length / 2);
  }

  /** @returns {number} slots on the right */
  get right() {
    return Math.floor(this.slots.length / 2);
  }

  /** @param {BenchEvent} event */
  add(event) {
    switch (event.kind) {
      case "client":
        if (event.client?.id) this.rename(event.client.id, event.client.name);
        return;
      case "open": {
        if (event.name) this.names.set(event.lane, event.name);
        const slot = this.take(event.lane);
        this.parted.delete(event.lane);
        this.push(event, slot, 0);
        return;
      }
      case "close": {
        const slot = this.slotOf.get(event.lane) ?? this.take(event.lane);
        const row = this.push(event, slot, 0);
        row.parted = this.parted.delete(event.lane);
        this.free(event.lane);
        return;
      }
      case "packet": {
        if (event.from === "client" && event.type === "DISCONNECT") this.parted.add(event.lane);
        const slot = this.slotOf.get(event.lane) ?? this.take(event.lane);
        this.rowOf.set(event.n, this.rows.length);
        this.push(event, slot, 0);
        return;
      }
      case "wire":
        this.push(event, this.slotOf.get(event.lane) ?? this.stayOf.get(event.lane)?.slot ?? -1, 0);
        return;
      case "explain": {
        const cause = this.rowOf.get(event.cause ?? -1);
        const row = cause === undefined ? undefined : this.rows[cause];
        if (row) row.notes++;
        this.push(event, this.slotOf.get(event.lane) ?? -1, 0);
      }
    }
  }

  /**
   * @param {BenchEvent} event
   * @param {number} slot
   * @param {number} notes
   * @returns {Row}
   */
  push(event, slot, notes) {
    const i = this.rows.length;
    /** @type {Row} */
    const row = { event, slot, alive: this.alive, notes };
    this.rows.push(row);
    if (i + 1 >= this.tops.length) {
      const more = new Float64Array(this.tops.length * 2);
      more.set(this.tops);
      this.tops = more;
    }
    this.tops[i + 1] = (this.tops[i] ?? 0) + this.heightOf(event);
    return row;
  }

  /**
   * Drops the oldest rows when there are more than the page is to hold.
   * @returns {number} by how many pixels all that is left has moved up
   */
  trim() {
    if (this.rows.length <= maxRows) return 0;
    const cut = this.rows.length - maxRows + dropRows;
    const moved = this.tops[cut] ?? 0;
    this.rows.splice(0, cut);
    this.dropped += cut;
    for (const [n, row] of this.rowOf) {
      if (row < cut) this.rowOf.delete(n);
      else this.rowOf.set(n, row - cut);
    }
    this.stays = this.stays.filter((stay) => stay.to > cut || this.stayOf.get(stay.lane) === stay);
    for (const stay of this.stays) {
      stay.from = Math.max(0, stay.from - cut);
      stay.to = Math.max(0, stay.to - cut);
    }
    this.measure(this.columns, this.showNotes);
    return moved;
  }

  /**
   * @param {string} lane
   * @returns {number} the lane's slot: its last one if that is free, else the first free one
   */
  take(lane) {
    const had = this.stayOf.get(lane);
    let slot = had && this.slots[had.slot] === null ? had.slot : this.slots.indexOf(null);
    if (slot < 0) slot = this.slots.push(null) - 1;
    this.slots[slot] = lane;
    this.slotOf.set(lane, slot);
    if (slot < 31) this.alive |= 1 << slot;
    const stay = { slot, lane, name: this.names.get(lane) ?? lane, from: this.rows.length, to: Infinity };
    this.stays.push(stay);
    this.stayOf.set(lane, stay);
    return slot;
  }

  /** @param {string} lane */
  free(lane) {
    const slot = this.slotOf.get(lane);
    if (slot === undefined) return;
    this.slots[slot] = null;
    this.slotOf.delete(lane);
    if (slot < 31) this.alive &= ~(1 << slot);
    const stay = this.stayOf.get(lane);
    if (stay) stay.to = this.rows.length;
  }

  /**
   * @param {string} lane
   * @param {string} name
   */
  rename(lane, name) {
    this.names.set(lane, name);
    const stay = this.stayOf.get(lane);
    if (stay) stay.name = name;
  }

  /**
   * Who stands in each slot at a row: the one there, else the one before, else the next.
   * @param {number} row
   * @returns {(Stay & {gone: boolean})[]}
   */
  lanesAt(row) {
    /** @type {(Stay & {gone: boolean})[]} */
    const lanes = [];
    for (const stay of this.stays) {
      const there = lanes[stay.slot];
      if (there && stay.from > row) continue;
      lanes[stay.slot] = { ...stay, gone: stay.to <= row };
    }
    return lanes.filter(Boolean);
  }

  /**
   * @param {BenchEvent} event
   * @returns {number}
   */
  heightOf(event) {
    if (event.kind === "packet") return packetHeight;
    if (event.kind !== "explain") return markHeight;
    if (!this.showNotes) return 0;
    if (event.cause !== this.unfolded) return noteFrame + noteLine;
    const length = (event.text?.length ?? 0) + (event.rules ?? []).join(" ").length + 2;
    return noteFrame + noteLine * Math.min(noteLines, Math.max(1, Math.ceil(length / this.columns)));
  }

  /**
   * Works all places out anew, after the width or the notes have changed.
   * @param {number} columns characters in a line of a note
   * @param {boolean} showNotes
   */
  measure(columns, showNotes) {
    this.columns = Math.max(12, columns);
    this.showNotes = showNotes;
    let top = 0;
    this.rows.forEach((row, i) => {
      this.tops[i] = top;
      top += this.heightOf(row.event);
    });
    this.tops[this.rows.length] = top;
  }

  /**
   * @param {number} y
   * @returns {number} the row at that height
   */
  rowAt(y) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((this.tops[mid + 1] ?? 0) > y) high = mid;
      else low = mid + 1;
    }
    return low;
  }

  /**
   * Where a slot's lifeline runs.
   * @param {number} slot -1: the broker
   * @param {number} from the left end of the lanes
   * @param {number} to the right end
   * @returns {number}
   */
  x(slot, from, to) {
    const middle = (from + to) / 2;
    if (slot < 0) return middle;
    const depth = slot >> 1;
    const half = (to - from) / 2;
    return slot % 2 === 0 ? from + (depth * half) / Math.max(1, this.left) : to - (depth * half) / Math.max(1, this.right);
  }

  /**
   * The next packet row in a direction.
   * @param {number} row
   * @param {1 | -1} step
   * @returns {number} -1 if there is none
   */
  packetFrom(row, step) {
    for (let i = row; i >= 0 && i < this.rows.length; i += step) {
      if (this.rows[i]?.event.kind === "packet") return i;
    }
    return -1;
  }
}
