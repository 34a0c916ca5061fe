// Brackets beside the lifelines: from the packet that begins an exchange to
// the latest that belongs to it, one for each Packet Identifier.

import { slotAt } from "./ladder-row.js";
import { say as text } from "./say.js";

/**
 * @typedef {import("./ladder-layout.js").LadderLayout} LadderLayout
 * @typedef {import("./ladder-row.js").Sight} Sight
 * @typedef {import("./live.js").BenchEvent} BenchEvent
 */

const depths = 3; // brackets beside each other; more would be a tangle
const step = 4; // pixels between them: all stand beside the times
const middle = 30; // where a row's arrow is, from its top, where letters have their usual size

/**
 * @param {LadderLayout} layout
 * @param {BenchEvent[]} events the packets in sight, in order
 * @param {Sight} sight
 * @param {{top: number, bottom: number}} window what is in sight, in pixels
 * @returns {HTMLElement[]}
 */
export function drawBrackets(layout, events, sight, window) {
  const { lanes, states } = sight;
  /** @type {Map<number, BenchEvent>} */
  const exchanges = new Map();
  for (const event of events) {
    if (event.exchange && !exchanges.has(event.exchange.first)) exchanges.set(event.exchange.first, event);
  }
  /** @type {Map<number, number[]>} by slot and depth: down to where it is taken */
  const taken = new Map();
  const boxes = [];
  for (const [first, event] of exchanges) {
    const state = states.get(first);
    const from = layout.rowOf(first);
    const to = state ? layout.rowOf(state.last) : layout.rowOf(lastOf(events, first));
    if (!event.exchange || (state && state.last === first && !state.awaits)) continue;
    const top = from < 0 || first < layout.first ? window.top : Math.max(window.top, (layout.tops[from] ?? 0) + middle * layout.scale);
    const bottom = state?.awaits && !state.cut ? window.bottom : Math.min(window.bottom, to < 0 ? window.bottom : (layout.tops[to] ?? 0) + middle * layout.scale);
    if (bottom - top < 8) continue;
    const slot = slotAt(sight, event.lane, event.n);
    const columns = taken.get(slot) ?? [];
    taken.set(slot, columns);
    let depth = columns.findIndex((used) => used < top);
    if (depth < 0) depth = columns.length;
    if (depth >= depths) continue;
    columns[depth] = bottom;
    const box = document.createElement("i");
    const how = state?.cut ? "cut" : state?.awaits ? "open" : "done";
    box.className = `bracket is-${how} ${slot % 2 === 0 ? "is-left" : "is-right"}`;
    box.dataset.first = String(first);
    const x = layout.x(slot, lanes.from, lanes.to);
    box.style.left = `${slot % 2 === 0 ? x - 4 - (depth + 1) * step : x + 4 + depth * step}px`;
    box.style.top = `${top}px`;
    box.style.height = `${bottom - top}px`;
    box.classList.toggle("is-begun", from >= 0 && top > window.top);
    box.classList.toggle("is-ended", bottom < window.bottom);
    box.title = text(state?.cut ? "ladder.cut" : state?.awaits ? "ladder.awaits" : "ladder.complete", { type: state?.awaits ?? "", id: event.exchange.id });
    boxes.push(box);
  }
  return boxes;
}

/**
 * @param {BenchEvent[]} events
 * @param {number} first
 * @returns {number} the number of the last of them that belongs to an exchange
 */
function lastOf(events, first) {
  return events.findLast((event) => event.exchange?.first === first)?.n ?? first;
}
