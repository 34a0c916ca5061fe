// Parts of the draft that are made only while somebody looks: data-lazy names
// the fragment, the <details> around it says whether it is open.

import { fragment } from "./api.js";
import { hear } from "./bus.js";
import { latest } from "./latest.js";
import { morph } from "./morph.js";
import { complain } from "./toast.js";

const ask = latest(
  (/** @type {HTMLElement} */ place, signal) => {
    const draft = place.closest("[data-bytes]");
    const [hex, version] = [draft?.getAttribute("data-bytes") ?? "", draft?.getAttribute("data-version") ?? ""];
    return fragment("POST", place.dataset.lazy ?? "", { hex, version }, signal);
  },
  (html, place) => {
    const made = document.createElement("div");
    made.dataset.lazy = place.dataset.lazy;
    made.innerHTML = html; // made by our server, which escapes what it shows
    morph(place, made);
  },
  complain,
);

function refresh() {
  for (const place of document.querySelectorAll("details[open] > [data-lazy]")) {
    if (place instanceof HTMLElement) void ask(place);
  }
}

document.addEventListener("toggle", (event) => {
  if (event.target instanceof Element && event.target.querySelector(":scope > [data-lazy]")) refresh();
}, true);
hear("packet", refresh);
