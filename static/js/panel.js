// The panel below the ladder: a fragment of the server, asked for again while
// the bench goes on.

import { fragment } from "./api.js";
import { latest } from "./latest.js";
import { part } from "./part.js";
import { say as text } from "./say.js";
import { complain } from "./toast.js";

/** @typedef {import("./ladder.js").FlowLadder} FlowLadder */

const every = 1000; // milliseconds between two looks at a bench that goes on

/**
 * @param {FlowLadder} ladder
 * @param {string} bench
 */
export function startPanel(ladder, bench) {
  const panel = part(ladder, ".flow-panel");
  const body = part(panel, ".panel-body");
  const scrub = part(panel, ".scrub");
  const slider = /** @type {HTMLInputElement} */ (part(scrub, "input"));
  const said = part(scrub, ".scrub-said");
  const buttons = [...document.querySelectorAll("[data-panel]")];
  let shown = ""; // the name of the panel; "": none
  let seen = 0; // number of the latest event when it was asked for
  let timer = 0;
  let at = Infinity; // the moment whose state is shown; Infinity: now

  const load = latest(
    (/** @type {string} */ name, signal) => {
      seen = ladder.newest;
      const query = name === "state" && at !== Infinity ? `?at=${at}` : "";
      return fragment("GET", `/ui/benches/${bench}/${name}${query}`, undefined, signal);
    },
    (html, name) => {
      if (name !== shown) return;
      const { scrollTop } = panel;
      body.innerHTML = html; // made by our server, which escapes what it shows
      panel.hidden = false;
      panel.scrollTop = scrollTop;
    },
    complain,
  );

  const drawScrub = () => {
    slider.min = String(Math.max(0, ladder.layout.first - 1));
    slider.max = String(ladder.newest);
    slider.value = String(at === Infinity ? ladder.newest : at);
    said.textContent = at === Infinity ? text("scrub.live") : text("scrub.at", { n: at });
    slider.setAttribute("aria-valuetext", said.textContent);
    scrub.classList.toggle("is-live", at === Infinity);
  };

  /** @param {number} n after which event the state is shown; Infinity: as it is now */
  const moveTo = (n) => {
    at = n >= ladder.newest ? Infinity : Math.max(n, ladder.layout.first - 1);
    drawScrub();
    ladder.setMoment(at);
    if (at !== Infinity) {
      ladder.follow = false;
      ladder.intoSight(ladder.layout.near(at));
      ladder.draw();
    } else {
      ladder.toTail();
    }
    void load("state");
  };
  slider.addEventListener("input", () => moveTo(Number(slider.value)));
  scrub.querySelector("[data-scrub-live]")?.addEventListener("click", () => moveTo(Infinity));

  /** @param {string} name */
  const show = (name) => {
    shown = name;
    for (const button of buttons) button.setAttribute("aria-expanded", String(button.getAttribute("data-panel") === name));
    scrub.hidden = name !== "state";
    if (name === "state") drawScrub();
    else if (at !== Infinity) {
      at = Infinity;
      ladder.setMoment(at);
    }
    body.replaceChildren();
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
      if (shown === "state") drawScrub();
      if (shown !== "" && at === Infinity && !document.hidden && !ladder.paused && ladder.newest !== seen) void load(shown);
    }, every);
  });
  ladder.addEventListener("restarted", () => {
    if (at !== Infinity) moveTo(Infinity);
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const moment = target?.closest("[data-moment]");
    if (moment instanceof HTMLElement) {
      if (shown !== "state") show("state");
      moveTo(Number(moment.dataset.moment));
    }
    const why = target?.closest("[data-why]");
    if (why instanceof HTMLElement) void answer(why);
  });
}

/**
 * Shows below a button why a client gets a message, or lets it go again.
 * @param {HTMLElement} button
 */
async function answer(button) {
  const place = button.parentElement?.querySelector(".why-answer");
  if (!(place instanceof HTMLElement)) return;
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  place.hidden = open;
  if (open || place.childElementCount > 0) return;
  try {
    place.innerHTML = await fragment("GET", button.dataset.why ?? ""); // made by our server, which escapes what it shows
  } catch (error) {
    button.setAttribute("aria-expanded", "false");
    complain(error);
  }
}
