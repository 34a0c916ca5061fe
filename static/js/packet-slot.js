// The place where one packet is shown: the builder's draft, or a captured one.

import { fragment } from "./api.js";
import "./lazy.js";
import { hear, say } from "./bus.js";
import { morph } from "./morph.js";
import { latest } from "./latest.js";
import { say as text } from "./say.js";
import { complain } from "./toast.js";

/** @type {{draft: string, event: string}} the fragments that are shown in turn */
const held = { draft: "", event: "" };
/** @type {"draft" | "event"} */
let shown = "draft";
/** @type {number | null} the captured event that is chosen */
let chosen = null;

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
 * @param {"draft" | "event"} which
 * @param {HTMLElement} [view] of what is held, if somebody has parsed it; it is used up
 */
function show(which, view) {
  shown = which;
  const place = slot();
  if (!place) return;
  if (held[which]) {
    const made = view ?? parsed(held[which]);
    made.id = place.id;
    made.className = place.className.replace(/ ?is-stale/, "");
    morph(place, made);
  }
  for (const flash of place.getAnimations({ subtree: true })) {
    if (flash instanceof CSSAnimation && flash.animationName === "ripple") flash.currentTime = 0;
  }
  for (const button of document.querySelectorAll("[data-show-packet]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-show-packet") === which));
    if (button.getAttribute("data-show-packet") === "event" && button instanceof HTMLButtonElement) {
      button.disabled = held.event === "";
      if (chosen !== null) button.textContent = text("packet.captured", { n: chosen });
    }
  }
  say("packet", { scope: "bench" });
}

/**
 * @param {string} html the draft as the server explains it
 * @param {HTMLElement} view that holds it, parsed; it is used up
 */
export function showDraft(html, view) {
  held.draft = html;
  if (shown === "draft") show("draft", view);
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
  held.draft = slot()?.innerHTML ?? "";
  const load = latest(
    (/** @type {number} */ n, signal) => fragment("GET", `/ui/benches/${bench}/packets/${n}`, undefined, signal),
    (html, n) => {
      held.event = html;
      const other = chosen !== n;
      chosen = n;
      show("event");
      if (other) slot()?.parentElement?.scrollTo(0, 0);
    },
    complain,
  );
  hear("event", (event) => {
    if (event) void load(event.n);
    else show("draft");
  });
  document.addEventListener("click", (click) => {
    const button = click.target instanceof Element ? click.target.closest("[data-show-packet]") : null;
    if (!button) return;
    if (button.getAttribute("data-show-packet") === "draft") say("event", null);
    else if (chosen !== null) say("event", { n: chosen });
  });
}
