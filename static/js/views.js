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

  const mark = () => {
    const from = bench.scrollLeft;
    const to = from + bench.clientWidth;
    for (const button of buttons) {
      const view = views.find((v) => v.dataset.viewName === button.getAttribute("data-show"));
      const left = view ? view.offsetLeft - bench.offsetLeft : 0;
      const seen = view ? Math.min(to, left + view.offsetWidth) - Math.max(from, left) : 0;
      button.setAttribute("aria-pressed", String(seen > (view?.offsetWidth ?? 0) * 0.6));
    }
  };
  bench.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(bench);
  hear("event", (event) => {
    if (event) go("packet");
  });
  hear("open", () => go("build"));
  hear("borrowed", () => go("build"));
  if (bench.classList.contains("is-capture")) go("flow");
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-moment]")) go("flow"); // below which the state is shown
  });
}
