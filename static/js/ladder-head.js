// The heads of the lanes: who stands where, and how long each client may stay
// silent before the broker closes its connection.

import { say as text } from "./say.js";

/**
 * @typedef {import("./ladder-layout.js").LadderLayout} LadderLayout
 * @typedef {{lane: string, keep_alive: number, heard: number}} Clock times in seconds since the bench began
 */

const roomy = 96; // pixels between two lifelines: closer ones have their heads in two rows
const grace = 1.5; // times Keep Alive, then the server closes [MQTT-3.1.2-24]

export class LadderHead {
  /** @type {Map<string, Clock>} by lane; only of open connections with a Keep Alive */
  clocks = new Map();
  /** @type {number | undefined} when the bench began, by performance.now() in seconds */
  began = undefined;
  rests = false; // time stands still on the bench
  drawn = "";

  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    setInterval(() => this.tick(), 1000);
  }

  /** @param {number} now seconds since the bench began */
  setTime(now) {
    this.began = performance.now() / 1000 - now;
    this.rests = false;
  }

  /** @param {Clock[]} clocks all that there are */
  setClocks(clocks) {
    this.clocks = new Map(clocks.map((clock) => [clock.lane, clock]));
  }

  /** @param {import("./live.js").BenchEvent} event that happened just now */
  follow(event) {
    if (event.key === "bench.rests") this.rests = true;
    if (event.key === "bench.goes-on") this.setTime(event.t);
    if (event.kind === "close") this.clocks.delete(event.lane);
    if (event.kind !== "packet") return;
    if (event.keep_time) this.clocks.set(event.lane, { lane: event.lane, keep_alive: event.keep_time, heard: event.t });
    const clock = event.from === "client" ? this.clocks.get(event.lane) : undefined;
    if (clock) clock.heard = event.t;
  }

  /**
   * @param {LadderLayout} layout
   * @param {number} n the event whose lanes are named
   * @param {{from: number, to: number, width: number}} lanes
   */
  draw(layout, n, lanes) {
    const stays = layout.lanesAt(n);
    const key = JSON.stringify([lanes, layout.slots.length, stays.map((stay) => [stay.slot, stay.name, stay.gone])]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.box.replaceChildren();
    const crowded = (lanes.to - lanes.from) / 2 / Math.max(1, layout.left) < roomy * layout.scale;
    this.box.classList.toggle("is-crowded", crowded);
    const name = (/** @type {string} */ label, /** @type {number} */ slot, /** @type {string} */ className) => {
      const lane = document.createElement("span");
      lane.className = `lane ${className}`;
      const bdi = document.createElement("bdi");
      bdi.textContent = label;
      lane.append(bdi);
      const x = layout.x(slot, lanes.from, lanes.to);
      if (slot >= 0 && slot % 2 === 1) lane.style.right = `${lanes.width - x}px`;
      else lane.style.left = `${x}px`;
      if (slot >= 0) {
        const side = slot % 2 === 0 ? layout.left : layout.right;
        const room = (lanes.to - lanes.from) / 2 / side;
        // Every other one stands higher, beginning with the neighbours of the
        // broker, which meet above it.
        const inward = side - 1 - (slot >> 1);
        const high = crowded && inward % 2 === 0;
        lane.style.maxWidth = `${Math.max(34, !crowded ? room - 14 : inward === 0 ? room + 12 : high ? 2 * room - 6 : 2 * room - 24)}px`;
        lane.classList.toggle("is-high", high);
        lane.title = label;
        lane.classList.toggle("is-right", slot % 2 === 1);
      }
      this.box.append(lane);
      return lane;
    };
    name(text("ladder.broker"), -1, "is-broker");
    for (const stay of stays) {
      const lane = name(stay.name, stay.slot, stay.gone ? "is-gone" : "");
      lane.dataset.lane = stay.lane;
    }
    this.tick();
  }

  /** Counts down, once a second and only in sight. */
  tick() {
    if (document.hidden || this.rests || this.began === undefined || this.box.offsetParent === null) return;
    const now = performance.now() / 1000 - this.began;
    for (const lane of this.box.querySelectorAll(".lane[data-lane]")) {
      if (!(lane instanceof HTMLElement)) continue;
      const clock = lane.classList.contains("is-gone") ? undefined : this.clocks.get(lane.dataset.lane ?? "");
      let count = lane.querySelector(".lane-clock");
      if (!clock) {
        count?.remove();
        continue;
      }
      if (!count) {
        count = document.createElement("span");
        count.className = "lane-clock";
        lane.append(count);
      }
      const left = clock.heard + clock.keep_alive - now;
      const closes = Math.max(0, Math.ceil(clock.heard + clock.keep_alive * grace - now));
      count.textContent = text(left > 0 ? "ladder.left" : "ladder.late", { seconds: left > 0 ? Math.ceil(left) : closes });
      count.classList.toggle("is-late", left <= 0);
      lane.title = `${lane.firstElementChild?.textContent ?? ""}\n${text(left > 0 ? "ladder.left-why" : "ladder.late-why", { keep: clock.keep_alive, seconds: Math.max(0, Math.ceil(left)), closes })}`;
    }
  }
}
