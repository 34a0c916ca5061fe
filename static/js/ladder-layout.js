// The ladder's geometry, without a page: which row is where, and which client
// has which slot. It knows of each event only its kind, one byte, so that a
// whole capture fits; what rows say is fetched when they come into sight
// (ladder-store.js). Heights are in pixels where letters have their usual size. Pure: no DOM, so that it can be tested.

export const packetHeight = 42;
export const markHeight = 26;
export const noteHeight = 24;

/** @typedef {{slot: number, lane: string, name: string, from: number, to: number}} Stay who was in which slot, by events' numbers */

const most = 260_000; // events; a bench holds fewer

const [client, open, packet, explain, close, other] = [0, 1, 2, 3, 4, 5];

/** @type {Record<string, number>} the letters of an outline (server/ladder/outline.go) */
const kindOf = { x: client, o: open, p: packet, e: explain, c: close, m: other };

/** @type {Record<string, string>} the letters by the kinds of events in JSON */
const letterOf = { client: "x", open: "o", packet: "p", explain: "e", close: "c" };

/** @param {{kind: string}} event */
export const letter = (event) => letterOf[event.kind] ?? "m";

export class LadderLayout {
  first = 1; // number of the first event
  count = 0;
  packets = 0;
  kinds = new Uint8Array(4096);
  /** @type {Float64Array | null} the events that pass the filter; null: there is none */
  numbers = null;
  rows = 0; // events, or those that pass
  /** @type {Float64Array} where each row begins; one more entry than rows */
  tops = new Float64Array(4096);
  /** @type {Map<number, number>} heights of notes that are unfolded */
  tall = new Map();
  showNotes = true;
  scale = 1; // how many times their usual size letters have

  /** @type {Map<string, number>} the slot of each lane that has one now */
  slotOf = new Map();
  /** @type {Map<string, string>} */
  names = new Map();
  /** @type {(string | null)[]} the lane in each slot, null for a free one */
  slots = [];
  /** @type {Stay[]} in the order in which they began */
  stays = [];
  /** @type {Map<string, Stay>} each lane's latest stay */
  stayOf = new Map();

  get height() {
    return this.tops[this.rows] ?? 0;
  }

  /** @returns {number} the number of the event that comes next */
  get next() {
    return this.first + this.count;
  }

  /** @returns {number} slots on the left of the broker */
  get left() {
    return Math.ceil(this.slots.length / 2);
  }

  /** @returns {number} slots on the right */
  get right() {
    return Math.floor(this.slots.length / 2);
  }

  /**
   * Takes the kinds of the events that follow.
   * @param {string} letters
   */
  append(letters) {
    for (const l of letters) {
      const kind = kindOf[l] ?? other;
      if (this.count === this.kinds.length) this.kinds = grown(this.kinds, Uint8Array);
      this.kinds[this.count++] = kind;
      if (kind === packet) this.packets++;
      if (!this.numbers) this.push(this.next - 1);
    }
  }

  /** @param {number} n number of an event that gets the next row */
  push(n) {
    if (this.rows + 1 >= this.tops.length) this.tops = grown(this.tops, Float64Array);
    this.tops[this.rows + 1] = (this.tops[this.rows] ?? 0) + this.heightOf(n);
    this.rows++;
  }

  /** @param {number[]} numbers of more events that pass the filter */
  match(numbers) {
    if (!this.numbers) return;
    for (const n of numbers) {
      if (n < this.first || n <= (this.rows > 0 ? this.at(this.rows - 1) : 0)) continue;
      if (this.rows === this.numbers.length) this.numbers = grown(this.numbers, Float64Array);
      this.numbers[this.rows] = n;
      this.push(n);
    }
  }

  /** @param {boolean} on whether only events that pass a filter have rows */
  filter(on) {
    this.numbers = on ? new Float64Array(256) : null;
    this.rows = on ? 0 : this.count;
    this.measure();
  }

  /**
   * @param {number} row
   * @returns {number} the number of its event
   */
  at(row) {
    return this.numbers ? this.numbers[row] ?? 0 : this.first + row;
  }

  /**
   * @param {number} n number of an event
   * @returns {number} its row, or -1
   */
  rowOf(n) {
    const row = this.near(n);
    return row < this.rows && this.at(row) === n ? row : -1;
  }

  /**
   * @param {number} n number of an event
   * @returns {number} its row, or that of the next event which has one
   */
  near(n) {
    if (!this.numbers) return Math.min(this.rows, Math.max(0, n - this.first));
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.at(mid) < n) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /** @param {number} n number of an event */
  isPacket(n) {
    return this.kinds[n - this.first] === packet;
  }

  /**
   * @param {number} n number of an event
   * @returns {number} pixels
   */
  heightOf(n) {
    switch (this.kinds[n - this.first]) {
      case packet: return Math.round(packetHeight * this.scale);
      case explain: return this.showNotes ? this.tall.get(n) ?? Math.round(noteHeight * this.scale) : 0;
      case client: return 0;
    }
    return this.tall.get(n) ?? Math.round(markHeight * this.scale);
  }

  /**
   * Unfolds notes, and folds up those that were. Only the rows between a
   * change and what makes up for it move, not the whole of a long capture.
   * @param {Map<number, number>} tall their heights
   * @returns {Set<number>} the notes that are or were unfolded
   */
  unfold(tall) {
    const notes = new Set([...this.tall.keys(), ...tall.keys()].sort((a, b) => a - b));
    const changes = [...notes].map((n) => ({ n, row: this.rowOf(n), by: -this.heightOf(n) })).filter(({ row }) => row >= 0);
    this.tall = tall;
    let by = 0;
    for (const [i, change] of changes.entries()) {
      by += change.by + this.heightOf(change.n);
      if (by === 0) continue;
      const last = changes[i + 1]?.row ?? this.rows;
      for (let row = change.row + 1; row <= last; row++) this.tops[row] = (this.tops[row] ?? 0) + by;
    }
    return notes;
  }

  /** Works all places out anew, after heights have changed. */
  measure() {
    let top = 0;
    for (let row = 0; row < this.rows; row++) {
      this.tops[row] = top;
      top += this.heightOf(this.at(row));
      if (row + 1 >= this.tops.length) this.tops = grown(this.tops, Float64Array);
    }
    this.tops[this.rows] = top;
  }

  /**
   * Forgets the events before a number, which the bench no longer holds, and
   * more if there are too many.
   * @param {number} first
   * @returns {number} by how many pixels all that is left has moved up
   */
  trim(first) {
    const cut = Math.min(this.count, Math.max(first - this.first, this.count - most));
    if (cut <= 0) return 0;
    const rows = this.near(this.first + cut);
    const moved = this.tops[rows] ?? 0;
    for (let i = 0; i < cut; i++) if (this.kinds[i] === packet) this.packets--;
    this.kinds.copyWithin(0, cut, this.count);
    this.count -= cut;
    this.first += cut;
    this.rows -= rows;
    this.numbers?.copyWithin(0, rows, rows + this.rows);
    this.stays = this.stays.filter((stay) => stay.to >= this.first || this.stayOf.get(stay.lane) === stay);
    this.measure();
    return moved;
  }

  /**
   * Somebody came, went or got a name.
   * @param {{n: number, what: string, lane: string, name?: string}} lane
   */
  lane({ n, what, lane, name }) {
    if (name) this.rename(lane, name);
    if (what === "open") this.take(lane, n);
    if (what === "close") this.free(lane, n);
  }

  /**
   * @param {string} lane
   * @param {number} n number of the event with which it begins
   */
  take(lane, n) {
    if (this.slotOf.has(lane)) return;
    const had = this.stayOf.get(lane);
    let slot = had && this.slots[had.slot] === null ? had.slot : this.slots.indexOf(null);
    if (slot < 0) slot = this.slots.push(null) - 1;
    this.slots[slot] = lane;
    this.slotOf.set(lane, slot);
    const stay = { slot, lane, name: this.names.get(lane) ?? lane, from: n, to: Infinity };
    this.stays.push(stay);
    this.stayOf.set(lane, stay);
  }

  /**
   * @param {string} lane
   * @param {number} n number of the event with which it ends
   */
  free(lane, n) {
    const slot = this.slotOf.get(lane);
    if (slot === undefined) return;
    this.slots[slot] = null;
    this.slotOf.delete(lane);
    const stay = this.stayOf.get(lane);
    if (stay) stay.to = n;
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
   * @param {number} from number of an event
   * @param {number} to
   * @returns {Stay[]} those that are there between the two
   */
  staysIn(from, to) {
    return this.stays.filter((stay) => stay.from <= to && stay.to >= from);
  }

  /**
   * Who stands in each slot at an event: the one there, else the one before, else the next.
   * @param {number} n
   * @returns {(Stay & {gone: boolean})[]}
   */
  lanesAt(n) {
    /** @type {(Stay & {gone: boolean})[]} */
    const lanes = [];
    for (const stay of this.stays) {
      const there = lanes[stay.slot];
      if (there && stay.from > n) continue;
      lanes[stay.slot] = { ...stay, gone: stay.to <= n };
    }
    return lanes.filter(Boolean);
  }

  /**
   * @param {number} y
   * @returns {number} the row at that height
   */
  rowAt(y) {
    let low = 0;
    let high = this.rows;
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
    for (let i = row; i >= 0 && i < this.rows; i += step) {
      if (this.isPacket(this.at(i))) return i;
    }
    return -1;
  }
}

/**
 * @template {Uint8Array | Float64Array} T
 * @param {T} array
 * @param {new (length: number) => T} type
 * @returns {T} the same with room for as much again
 */
function grown(array, type) {
  const more = new type(array.length * 2);
  more.set(array);
  return more;
}
