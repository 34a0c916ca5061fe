// The place where one packet is shown: the builder's draft, or a captured one.

import { fragment } from "./api.js";
import "./lazy.js";
import { hear, say } from "./bus.js";
import { morph } from "./morph.js";
import { latest } from "./latest.js";
import { say as text } from "./say.js";
import { complain } from "./toast.js";

/** @type {HTMLElement | null} the draft, while an event stands in its place */
let draft = null;
/** @type {"draft" | "event"} */
let shown = "draft";
/** @type {number | null} the captured event that is chosen */
let chosen = null;

/** How long, in milliseconds, a held key is waited for: some repeats of it. */
const rest = 120;

const slot = () => document.getElementById("packet-slot");

/**
 * @param {string} html
 * @returns {HTMLElement} that holds it
 */
export function parsed(html) {
  const view = document.createElement("div");
  view.innerHTML = html; // made by our server, which escapes what it shows
  return view;
}

/**
 * Draws in the slot.
 * @param {HTMLElement} view it is used up
 * @returns {boolean} false: the view rests on parts that are not there
 */
function draw(view) {
  const place = slot();
  if (!place) return true;
  view.id = place.id;
  view.className = place.className.replace(/ ?is-stale/, "");
  if (!morph(place, view)) return false;
  for (const flash of place.getAnimations({ subtree: true })) {
    if (flash instanceof CSSAnimation && flash.animationName === "ripple") flash.currentTime = 0;
  }
  tell();
  return true;
}

/** Says what is shown. */
function tell() {
  for (const button of document.querySelectorAll("[data-show-packet]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-show-packet") === shown));
    if (button.getAttribute("data-show-packet") === "event" && button instanceof HTMLButtonElement) {
      button.disabled = chosen === null;
      if (chosen !== null) button.textContent = text("packet.captured", { n: chosen });
    }
  }
  say("packet", { scope: "bench" });
}

/** @param {string} html of an event, which takes the draft's place */
function showEvent(html) {
  const place = slot();
  if (place && shown === "draft") draft = /** @type {HTMLElement} */ (place.cloneNode(true));
  shown = "event";
  draw(parsed(html));
}

/**
 * @param {HTMLElement} view the draft as the server explains it, parsed; it is used up
 * @returns {boolean} false: it rests on parts of the draft that are not there
 */
export function showDraft(view) {
  return draft ? morph(draft, view) : draw(view);
}

/** Puts the draft in sight, because somebody works on it. */
export function toDraft() {
  if (shown === "draft") return;
  say("event", null);
}

/** Marks the draft as not what the form says, because the form cannot be written. */
export function staleDraft() {
  if (shown === "draft") slot()?.classList.add("is-stale");
}

/** @param {string} bench */
export function startSlot(bench) {
  const load = latest(
    (/** @type {number} */ n, signal) => fragment("GET", `/ui/benches/${bench}/packets/${n}`, undefined, signal),
    (html, n) => {
      const other = chosen !== n;
      chosen = n;
      showEvent(html);
      if (other) slot()?.parentElement?.scrollTo(0, 0);
    },
    complain,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  hear("event", (selected) => {
    clearTimeout(resting);
    if (selected?.held) {
      resting = setTimeout(() => void load(selected.n), rest);
      return;
    }
    if (selected) {
      void load(selected.n);
      return;
    }
    shown = "draft";
    const back = draft;
    draft = null;
    if (back) draw(back);
    else tell();
  });
  document.addEventListener("click", (click) => {
    const button = click.target instanceof Element ? click.target.closest("[data-show-packet]") : null;
    if (!button) return;
    if (button.getAttribute("data-show-packet") === "draft") say("event", null);
    else if (chosen !== null) say("event", { n: chosen });
  });
}
