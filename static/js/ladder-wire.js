// Draws what a wire did with a packet: a row beside the wire, for what the
// arrows cannot show, since they are what passed at the broker's end.

import { noteText, slotAt } from "./ladder-row.js";
import { say } from "./say.js";

/**
 * @typedef {import("./ladder-layout.js").LadderLayout} LadderLayout
 * @typedef {import("./ladder-row.js").Sight} Sight
 * @typedef {import("./live.js").BenchEvent} BenchEvent
 */

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function element(tag, className, text) {
  const e = document.createElement(tag);
  e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {BenchEvent} event
 * @param {Sight} sight
 * @param {boolean} unfolded over the whole row, with all that it says
 */
export function drawWire(box, layout, event, sight, unfolded) {
  const { lanes } = sight;
  const name = layout.names.get(event.lane) ?? event.lane;
  const x = layout.x(slotAt(sight, event.lane, event.n), lanes.from, lanes.to);
  const onLeft = x < layout.x(-1, lanes.from, lanes.to);
  const note = element("span", `row-wire is-${event.stage} ${onLeft ? "is-left" : "is-right"}${unfolded ? " is-unfolded" : ""}`);
  if (!unfolded) {
    if (onLeft) note.style.left = `${x + 6}px`;
    else note.style.right = `${lanes.width - x + 6}px`;
    note.style.maxWidth = `${onLeft ? lanes.width - x - 12 : x - lanes.from - 6}px`;
  }
  note.append(element("span", "row-wire-mark", "≋"));
  note.append(element("span", "visually-hidden", say(`wire.row.${event.from || "client"}`, { name })));
  if (event.type && !unfolded) note.append(element("b", "row-wire-type", event.type));
  note.append(" ", element("bdi", "row-wire-text", unfolded ? noteText(event) : event.text ?? ""));
  note.title = [event.summary, event.text, event.sent_hex && `${event.sent_hex} → ${event.hex}`].filter(Boolean).join("\n");
  box.append(note);
}
