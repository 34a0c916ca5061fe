// Draws one row of the ladder.

import { drawWire } from "./ladder-wire.js";

/**
 * @typedef {import("./ladder-layout.js").LadderLayout} LadderLayout
 * @typedef {import("./ladder-layout.js").Row} Row
 * @typedef {{from: number, to: number, width: number}} Lanes
 */

/** @type {Record<string, string>} the same table as TypeClass in web/show.go */
const families = {
  CONNECT: "connect", CONNACK: "connect", DISCONNECT: "connect", AUTH: "connect",
  PUBLISH: "publish", PUBACK: "ack", PUBREC: "ack", PUBREL: "ack", PUBCOMP: "ack",
  SUBSCRIBE: "subscribe", SUBACK: "subscribe", UNSUBSCRIBE: "subscribe", UNSUBACK: "subscribe",
  PINGREQ: "ping", PINGRESP: "ping",
};

/** @param {string | undefined} type */
export const familyClass = (type) => `t-${families[type ?? ""] ?? "none"}`;

const types = [
  "", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
  "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
];

/**
 * What bytes that are no valid packet set out to be.
 * @param {string | undefined} hex
 * @returns {string} the type that the first byte names, with a "?"; "" if there is none
 */
export const typeOf = (hex) => {
  const type = types[Number.parseInt(hex?.[0] ?? "0", 16)];
  return type ? `${type}?` : "";
};

/** @type {Record<string, string>} */
const endings = { fin: "closed (FIN)", rst: "cut (RST)", server: "closed by the broker", timeout: "timed out" };

/**
 * How a connection ended. After a DISCONNECT it does not matter who was
 * quicker to close: the client had said goodbye.
 * @param {string | undefined} how
 * @param {boolean | undefined} parted the client had sent DISCONNECT
 * @returns {string | undefined}
 */
export const ending = (how, parted) => (parted && (how === "server" || how === "fin") ? "closed after DISCONNECT" : endings[how ?? ""]);

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
 * @param {LadderLayout} layout
 * @param {number} index
 * @param {Row} row
 * @param {Lanes} lanes
 * @returns {HTMLElement}
 */
export function drawRow(layout, index, row, lanes) {
  const { event } = row;
  const box = element("div", `ladder-row is-${event.kind}`);
  box.id = `row-${index}`;
  box.setAttribute("role", "option");
  box.setAttribute("aria-selected", "false");
  box.setAttribute("aria-posinset", String(index + 1));
  box.setAttribute("aria-setsize", String(layout.rows.length));
  box.style.top = `${layout.tops[index]}px`;
  box.style.height = `${(layout.tops[index + 1] ?? 0) - (layout.tops[index] ?? 0)}px`;
  drawLives(box, layout, row, lanes);
  if (event.kind !== "explain") box.append(element("span", "row-time", event.t.toFixed(3)));
  if (event.kind === "packet") drawPacket(box, layout, row, lanes);
  else if (event.kind === "explain") drawNote(box, row, event.cause === layout.unfolded);
  else if (event.kind === "wire") drawWire(box, layout, row, lanes);
  else drawMark(box, layout, row, lanes);
  return box;
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {Row} row
 * @param {Lanes} lanes
 */
function drawLives(box, layout, row, lanes) {
  const broker = element("i", "life is-broker");
  broker.style.left = `${layout.x(-1, lanes.from, lanes.to) - 1}px`;
  box.append(broker);
  for (let slot = 0; slot < Math.min(31, layout.slots.length); slot++) {
    if (!(row.alive & (1 << slot))) continue;
    const line = element("i", "life");
    if (slot === row.slot && row.event.kind === "open") line.classList.add("is-from");
    if (slot === row.slot && row.event.kind === "close") line.classList.add("is-to");
    line.style.left = `${layout.x(slot, lanes.from, lanes.to)}px`;
    box.append(line);
  }
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {Row} row
 * @param {Lanes} lanes
 */
function drawPacket(box, layout, row, lanes) {
  const { event } = row;
  const type = event.type || typeOf(event.hex);
  const family = familyClass(event.type);
  const client = layout.x(row.slot, lanes.from, lanes.to);
  const broker = layout.x(-1, lanes.from, lanes.to);
  const onLeft = client < broker;
  const fromClient = event.from === "client";

  const label = element("span", onLeft ? "row-label" : "row-label is-right");
  if (onLeft) {
    label.style.left = `${client + 8}px`;
    label.style.maxWidth = `${lanes.width - client - 16}px`;
  } else {
    label.style.right = `${lanes.width - client + 8}px`;
    label.style.maxWidth = `${client - lanes.from - 8}px`;
  }
  label.append(element("span", `type-badge ${family}`, type || "bytes"));
  let summary = event.summary ?? "";
  if (type && summary.startsWith(type)) summary = summary.slice(type.length).replace(/^[, ]+/, "");
  const text = element("bdi", "row-summary", summary);
  label.append(text);
  if (event.severity === "error" || event.severity === "warning") {
    const flag = element("span", `row-flag is-${event.severity}`, event.severity === "error" ? "✖" : "▲");
    flag.title = event.severity === "error" ? "breaks a rule" : "worth a look";
    label.append(flag);
  }
  if (row.notes > 0 && !layout.showNotes) label.append(element("span", "row-more", `+${row.notes}`));
  box.append(label);

  const arrow = element("i", `row-arrow ${family} ${fromClient === onLeft ? "to-right" : "to-left"}`);
  arrow.style.left = `${Math.min(client, broker)}px`;
  arrow.style.width = `${Math.abs(broker - client)}px`;
  box.append(arrow);
  const name = layout.names.get(event.lane) ?? event.lane;
  box.append(element("span", "visually-hidden", fromClient ? `, ${name} to broker` : `, broker to ${name}`));
}

/**
 * A note has one line, and its whole text while its packet is chosen.
 * @param {HTMLElement} box
 * @param {Row} row
 * @param {boolean} unfolded
 */
function drawNote(box, row, unfolded) {
  const note = element("span", unfolded ? "row-note is-unfolded" : "row-note");
  const rules = row.event.rules ?? [];
  note.append(element("bdi", "row-why", row.event.text ?? ""));
  for (const rule of unfolded ? rules : rules.slice(0, 1)) note.append(" ", element("span", "rule", rule));
  if (!unfolded) note.title = [row.event.text, ...rules].join("\n");
  box.append(note);
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {Row} row
 * @param {Lanes} lanes
 */
function drawMark(box, layout, row, lanes) {
  const { event } = row;
  const name = layout.names.get(event.lane) ?? event.lane;
  const text = event.kind === "open" ? `${name}: connection open` : `${name}: ${ending(event.how, row.parted) ?? event.text ?? "closed"}`;
  const x = layout.x(row.slot, lanes.from, lanes.to);
  const mark = element("span", `row-mark is-${event.kind}`, text);
  if (event.text) mark.title = event.text;
  mark.classList.add(x < layout.x(-1, lanes.from, lanes.to) ? "is-left" : "is-right");
  mark.style.left = `${x}px`;
  box.append(mark);
}
