// Draws one row of the ladder.

import { drawWire } from "./ladder-wire.js";
import { say as text } from "./say.js";

/**
 * @typedef {import("./ladder-layout.js").LadderLayout} LadderLayout
 * @typedef {import("./ladder-layout.js").Stay} Stay
 * @typedef {import("./ladder-store.js").State} State
 * @typedef {import("./live.js").BenchEvent} BenchEvent
 * @typedef {{from: number, to: number, width: number}} Lanes where the lanes run, in pixels
 * @typedef {{lanes: Lanes, stays: Stay[], states: Map<number, State>}} Sight what all rows in sight share
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

/**
 * How a connection ended. After a DISCONNECT it does not matter who was
 * quicker to close: the client had said goodbye.
 * @param {string | undefined} how
 * @param {boolean | undefined} parted the client had sent DISCONNECT
 * @returns {string | undefined}
 */
export const ending = (how, parted) => {
  if (parted && (how === "server" || how === "fin")) return text("ladder.ended.parted");
  return how ? text(`ladder.ended.${how}`) : undefined;
};

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
 * @param {number} row
 * @param {BenchEvent | undefined} event undefined: not here yet
 * @param {Sight} sight
 * @returns {HTMLElement}
 */
export function drawRow(layout, row, event, sight) {
  const n = layout.at(row);
  const kind = event?.kind ?? "waiting";
  const known = ["packet", "explain", "open", "close", "wire", "waiting"].includes(kind);
  const box = element("div", `ladder-row is-${kind}${known ? "" : " is-mark"}`);
  box.id = `row-${n}`;
  box.dataset.n = String(n);
  if (event?.group) box.dataset.group = String(event.group);
  box.setAttribute("role", "option");
  box.setAttribute("aria-selected", "false");
  box.setAttribute("aria-posinset", String(row + 1));
  box.setAttribute("aria-setsize", String(layout.rows));
  box.style.top = `${layout.tops[row]}px`;
  box.style.height = `${(layout.tops[row + 1] ?? 0) - (layout.tops[row] ?? 0)}px`;
  drawLives(box, layout, n, event, sight);
  if (!event) {
    box.append(element("span", "row-waiting", text("ladder.fetching", { n })));
    return box;
  }
  if (kind !== "explain") box.append(element("span", "row-time", event.t.toFixed(3)));
  if (kind === "packet") drawPacket(box, layout, event, sight);
  else if (kind === "explain") drawNote(box, event, layout.tall.has(n));
  else if (kind === "wire") drawWire(box, layout, event, sight, layout.tall.has(n));
  else drawMark(box, layout, event, sight);
  return box;
}

/**
 * @param {BenchEvent} event
 * @returns {number} number of the event that a note belongs to, its own if to none; 0: it is no note
 */
export const noteOf = ({ kind, cause, n }) => (kind === "explain" || kind === "wire" ? cause || n : 0);

/**
 * @param {BenchEvent} event a note
 * @returns {string} all that it says
 */
export const noteText = ({ summary, text }) => [summary, text].filter(Boolean).join(" · ");

/**
 * @param {Sight} sight
 * @param {string} lane
 * @param {number} n
 * @returns {number} the lane's slot at an event; -1: it has none
 */
export function slotAt({ stays }, lane, n) {
  let slot = -1;
  for (const stay of stays) {
    if (stay.lane === lane && (slot < 0 || stay.from <= n)) slot = stay.slot;
  }
  return slot;
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {number} n
 * @param {BenchEvent | undefined} event
 * @param {Sight} sight
 */
function drawLives(box, layout, n, event, { lanes, stays }) {
  const broker = element("i", "life is-broker");
  broker.style.left = `${layout.x(-1, lanes.from, lanes.to) - 1}px`;
  box.append(broker);
  let drawn = 0;
  for (const stay of stays) {
    if (n < stay.from || n > stay.to || ++drawn > 40) continue;
    const line = element("i", "life");
    if (n === stay.from && event?.kind === "open") line.classList.add("is-from");
    if (n === stay.to) line.classList.add("is-to");
    line.style.left = `${layout.x(stay.slot, lanes.from, lanes.to)}px`;
    box.append(line);
  }
}

/**
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {BenchEvent} event
 * @param {Sight} sight
 */
function drawPacket(box, layout, event, sight) {
  const { lanes } = sight;
  const type = event.type || typeOf(event.hex);
  const family = familyClass(event.type);
  const client = layout.x(slotAt(sight, event.lane, event.n), lanes.from, lanes.to);
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
  label.append(element("span", `type-badge ${family}`, type || text("ladder.bytes")));
  let summary = event.summary ?? "";
  if (type && summary.startsWith(type)) summary = summary.slice(type.length).replace(/^[, ]+/, "");
  label.append(element("bdi", "row-summary", summary));
  if (event.exchange?.again) label.append(element("span", "row-again", `↻ ${text("ladder.again")}`));
  if (event.severity === "error" || event.severity === "warning") {
    const flag = element("span", `row-flag is-${event.severity}`, event.severity === "error" ? "✖" : "▲");
    flag.title = text(event.severity === "error" ? "ladder.breaks" : "ladder.look");
    flag.append(element("span", "visually-hidden", flag.title));
    label.append(flag);
  }
  box.append(label);

  const arrow = element("i", `row-arrow ${family} ${fromClient === onLeft ? "to-right" : "to-left"}`);
  arrow.style.left = `${Math.min(client, broker)}px`;
  arrow.style.width = `${Math.abs(broker - client)}px`;
  box.append(arrow);
  drawFacts(box, event, sight, broker, onLeft);
  const name = layout.names.get(event.lane) ?? event.lane;
  box.append(element("span", "visually-hidden", text(fromClient ? "ladder.to-broker" : "ladder.from-broker", { client: name })));
}

/**
 * What the packet means beside itself, in the half that its arrow leaves free:
 * how a copy differs, how an exchange stands.
 * @param {HTMLElement} box
 * @param {BenchEvent} event
 * @param {Sight} sight
 * @param {number} broker where its lifeline runs
 * @param {boolean} onLeft whether the client stands on the left
 */
function drawFacts(box, event, { lanes, states }, broker, onLeft) {
  const facts = element("span", onLeft ? "row-facts" : "row-facts is-right");
  for (const change of event.diff ?? []) facts.append(element("bdi", "row-diff", change));
  const x = event.exchange;
  const state = x && x.first === event.n ? states.get(x.first) : undefined;
  if (x && state) {
    const how = state.cut ? "cut" : state.awaits ? "open" : "done";
    const said = state.cut ? "ladder.cut" : state.awaits ? "ladder.awaits" : "ladder.complete";
    facts.append(element("span", `row-state is-${how}`, `${{ cut: "✖", open: "…", done: "✓" }[how]} ${text(said, { type: state.awaits ?? "", id: x.id })}`));
  }
  if (facts.childElementCount === 0) return;
  if (onLeft) {
    facts.style.left = `${broker + 8}px`;
    facts.style.maxWidth = `${lanes.width - broker - 16}px`;
  } else {
    facts.style.right = `${lanes.width - broker + 8}px`;
    facts.style.maxWidth = `${broker - lanes.from}px`;
  }
  if (facts.childElementCount > 1) facts.title = [...facts.children].map((fact) => fact.textContent).join("\n");
  box.append(facts);
}

/**
 * A note has one line, and its whole text while it is unfolded.
 * @param {HTMLElement} box
 * @param {BenchEvent} event
 * @param {boolean} unfolded
 */
function drawNote(box, event, unfolded) {
  const note = element("span", unfolded ? "row-note is-unfolded" : "row-note");
  const rules = event.rules ?? [];
  note.append(element("bdi", "row-why", event.text ?? ""));
  for (const rule of unfolded ? rules : rules.slice(0, 1)) note.append(" ", element("span", "rule", rule));
  if (!unfolded) note.title = [event.text, ...rules].join("\n");
  if (event.key === "connect.takeover") note.classList.add("is-takeover");
  box.append(note);
}

/**
 * A mark on a lifeline: the connection opens or ends, or what is done to a wire.
 * @param {HTMLElement} box
 * @param {LadderLayout} layout
 * @param {BenchEvent} event
 * @param {Sight} sight
 */
function drawMark(box, layout, event, sight) {
  const { lanes } = sight;
  const name = layout.names.get(event.lane) ?? event.lane;
  let said = event.text ?? event.kind;
  if (event.kind === "open") said = text("ladder.open", { client: name });
  if (event.kind === "close") said = text("ladder.closed", { client: name, how: ending(event.how, event.parted) ?? event.text ?? text("ladder.ended") });
  const x = layout.x(slotAt(sight, event.lane, event.n), lanes.from, lanes.to);
  const mark = element("span", `row-mark is-${event.kind}`, said);
  if (event.text) mark.title = event.text;
  const onLeft = x < layout.x(-1, lanes.from, lanes.to);
  mark.classList.add(onLeft ? "is-left" : "is-right");
  mark.style.left = `${x}px`;
  mark.style.maxWidth = `${onLeft ? lanes.width - x : x - lanes.from + 4}px`;
  box.append(mark);
}
