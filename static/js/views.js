// On a narrow page the bench is three views side by side: this keeps the
// buttons below them in step with what was swiped to.

import { hear } from "./bus.js";

const narrow = matchMedia("(max-width: 74.99rem)");

/** @param {HTMLElement} bench */
export function startViews(bench) {
  const views = [...bench.querySelectorAll("[data-view-name]")].filter((view) => view instanceof HTMLElement);
  const buttons = [...document.querySelectorAll("[data-show]")];

  /** @param {string | null} name */
  const go = (name) => {
    const view = views.find((v) => v.dataset.viewName === name);
    if (view && narrow.matches) bench.scrollTo({ left: view.offsetLeft - bench.offsetLeft });
  };
  for (const button of buttons) button.addEventListener("click", () => go(button.getAttribute("data-show")));

  /** @type {Set<string | null>} the views in sight */
  const inSight = new Set();
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const name = entry.target.getAttribute("data-view-name");
        if (entry.isIntersecting) inSight.add(name);
        else inSight.delete(name);
      }
      for (const button of buttons) button.setAttribute("aria-pressed", String(inSight.has(button.getAttribute("data-show"))));
    },
    { root: bench, threshold: 0.6 },
  );
  for (const view of views) seen.observe(view);
  hear("event", (event) => {
    if (event) go("packet");
  });
  hear("open", () => go("build"));
}
