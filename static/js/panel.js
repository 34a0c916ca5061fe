// The panel below the ladder: a fragment of the server, asked for again while
// the bench goes on.

import { fragment } from "./api.js";
import { latest } from "./latest.js";
import { part } from "./part.js";
import { complain } from "./toast.js";

/** @typedef {import("./ladder.js").FlowLadder} FlowLadder */

const every = 1000; // milliseconds between two looks at a bench that goes on

/**
 * @param {FlowLadder} ladder
 * @param {string} bench
 */
export function startPanel(ladder, bench) {
  const panel = part(ladder, ".flow-panel");
  const buttons = [...document.querySelectorAll("[data-panel]")];
  let shown = ""; // the name of the panel; "": none
  let seen = 0; // number of the latest event when it was asked for
  let timer = 0;

  const load = latest(
    (/** @type {string} */ name, signal) => {
      seen = ladder.newest;
      return fragment("GET", `/ui/benches/${bench}/${name}`, undefined, signal);
    },
    (html, name) => {
      if (name !== shown) return;
      panel.innerHTML = html; // made by our server, which escapes what it shows
      panel.hidden = false;
    },
    complain,
  );

  /** @param {string} name */
  const show = (name) => {
    shown = name;
    for (const button of buttons) button.setAttribute("aria-expanded", String(button.getAttribute("data-panel") === name));
    if (name === "") panel.hidden = true;
    else void load(name);
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const name = button.getAttribute("data-panel") ?? "";
      show(shown === name ? "" : name);
    });
  }
  ladder.addEventListener("grown", () => {
    if (shown === "" || timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      if (shown !== "" && !document.hidden && ladder.newest !== seen) void load(shown);
    }, every);
  });
}
