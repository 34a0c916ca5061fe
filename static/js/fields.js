// Links every part of the page that shows the same field: lights them on hover
// and focus, holds them on click. It knows nothing of what the parts are: a part
// has data-f (its field's key), and stands in a scope (data-scope around it, or
// data-in on itself). A form control has data-fields, the names it writes.

import { hear, say } from "./bus.js";

/** @typedef {import("./bus.js").FieldRef} FieldRef */

// Where bytes are shown: there a field lights with all that it consists of, and
// bits light the byte that they are in.
const cells = ".x, .hex-text i, [data-in]";

/** @type {FieldRef | null} */
let held = null;
/** @type {FieldRef | null} */
let hovered = null;

/**
 * @param {EventTarget | null} target
 * @returns {FieldRef | null}
 */
function refOf(target) {
  if (!(target instanceof Element)) return null;
  const part = target.closest("[data-f], [data-fields]");
  if (!(part instanceof HTMLElement)) return null;
  const scope = part.dataset.in ?? part.closest("[data-scope]")?.getAttribute("data-scope");
  const key = part.dataset.f ?? part.dataset.fields?.split(" ")[0];
  return scope && key ? { scope, key } : null;
}

/**
 * @param {string} scope
 * @returns {Element[]} the elements inside which the scope's parts stand
 */
function roots(scope) {
  return [...document.querySelectorAll(`[data-scope="${CSS.escape(scope)}"]`)];
}

/**
 * The keys of a field and of all that it consists of.
 * @param {FieldRef} ref
 * @returns {Set<string>}
 */
function keysWith({ scope, key }) {
  const keys = new Set([key]);
  for (const root of roots(scope)) {
    const row = root.querySelector(`.field[data-f="${CSS.escape(key)}"]`);
    const item = row?.closest("li");
    if (!item) continue;
    for (const kid of item.querySelectorAll(".field")) keys.add(kid.getAttribute("data-f") ?? "");
  }
  return keys;
}

/**
 * @param {FieldRef} ref
 * @returns {string | null} the key of the byte that a field of bits is in
 */
function byteOf({ scope, key }) {
  for (const root of roots(scope)) {
    const row = root.querySelector(`.field[data-f="${CSS.escape(key)}"]`);
    if (!row || root.querySelector(`.x[data-f="${CSS.escape(key)}"]`)) continue;
    const parent = row.parentElement?.closest(".tree")?.parentElement?.querySelector(":scope > .field");
    return parent?.getAttribute("data-f") ?? null;
  }
  return null;
}

/**
 * @param {string} name of a class
 * @param {FieldRef | null} ref
 */
function paint(name, ref) {
  for (const part of document.querySelectorAll(`.${name}:is([data-f], [data-fields])`)) part.classList.remove(name);
  if (!ref) return;
  const keys = keysWith(ref);
  const byte = byteOf(ref);
  /** @param {Element} part */
  const isPart = (part) => {
    const key = part.getAttribute("data-f");
    if (key !== null) return key === ref.key || ((keys.has(key) || key === byte) && part.matches(cells));
    return part.getAttribute("data-fields")?.split(" ").includes(ref.key) ?? false;
  };
  for (const root of roots(ref.scope)) {
    for (const part of root.querySelectorAll("[data-f], [data-fields]")) {
      if (isPart(part)) part.classList.add(name);
    }
  }
  for (const part of document.querySelectorAll(`[data-in="${CSS.escape(ref.scope)}"]`)) {
    if (isPart(part)) part.classList.add(name);
  }
}

/** Shows the explanation of the field that is pointed at, else of the held one. */
function explain() {
  const ref = hovered ?? held;
  for (const panel of document.querySelectorAll(".explain")) {
    const scope = panel.closest("[data-scope]")?.getAttribute("data-scope");
    const key = ref && ref.scope === scope ? ref.key : "";
    const items = [...panel.querySelectorAll("[data-explains]")];
    const shown = items.find((item) => item.getAttribute("data-explains") === key) ?? items[0];
    for (const item of items) item.classList.toggle("is-shown", item === shown);
  }
}

/** @param {FieldRef | null} ref */
function hover(ref) {
  if (ref?.scope === hovered?.scope && ref?.key === hovered?.key) return;
  say("hover", ref);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "touch") hover(refOf(event.target));
});
document.addEventListener("focusin", (event) => hover(refOf(event.target)));
document.addEventListener("focusout", () => hover(null));
document.addEventListener("click", (event) => {
  const ref = refOf(event.target);
  const part = event.target instanceof Element ? event.target.closest("[data-f], [data-fields]") : null;
  if (!ref || !part) return;
  if (part instanceof HTMLAnchorElement) event.preventDefault();
  const again = !part.hasAttribute("data-fields") && held?.scope === ref.scope && held.key === ref.key;
  say("hold", again ? null : ref);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) say("hold", null);
  moveAmong(event);
});

/** @type {Record<string, number>} */
const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * Among a packet's fields, and among its bits, the arrows move; Tab goes on to
 * what is behind them all.
 * @param {KeyboardEvent} event
 */
function moveAmong(event) {
  const step = steps[event.key];
  const from = event.target instanceof HTMLElement && event.target.matches(".field, .bit") ? event.target : null;
  if (!from || !(step || event.key === "Tab")) return;
  const all = /** @type {HTMLElement[]} */ ([...from.closest(".pane-tree, .pane-figures")?.querySelectorAll(".field, .bit") ?? []]);
  if (step) {
    event.preventDefault();
    all[all.indexOf(from) + step]?.focus();
    return;
  }
  for (const other of all) if (other !== from) other.tabIndex = -1;
  setTimeout(() => all.forEach((other) => other.removeAttribute("tabindex")));
}

hear("hover", (ref) => {
  hovered = ref;
  paint("is-lit", ref);
  explain();
});
hear("hold", (ref) => {
  held = ref;
  paint("is-held", ref);
  explain();
  if (ref) show(ref);
});
hear("packet", () => {
  paint("is-held", held);
  paint("is-lit", hovered);
  explain();
});

/**
 * Scrolls the held field's row and bytes into sight within their panes.
 * @param {FieldRef} ref
 */
function show(ref) {
  for (const root of roots(ref.scope)) {
    for (const part of root.querySelectorAll(".x.is-held, .field.is-held")) {
      part.scrollIntoView({ block: "nearest" });
      break;
    }
  }
}
