// A file on the decode page: opened by the button or dropped, sent to the
// server as it is, listed by packets; the selected one is shown beside.

import { fragment, upload } from "./api.js";
import { say } from "./bus.js";
import { latest } from "./latest.js";
import { complain, toast } from "./toast.js";

const most = 64 * 1024 * 1024; // bytes; the server's bound, which says so itself when there is one more
const slow = 8 * 1024 * 1024; // larger files take a moment

/**
 * @param {HTMLElement} page
 * @param {HTMLElement} result where the list is shown
 * @param {() => string} version that was chosen
 */
export function startFiles(page, result, version) {
  const form = page.querySelector(".file-form");
  const input = page.querySelector("#decode-file");
  const filter = page.querySelector("#file-filter");
  if (!(form instanceof HTMLFormElement) || !(input instanceof HTMLInputElement) || !(filter instanceof HTMLInputElement)) return;
  /** @type {File | null} */
  let file = null;

  const ask = latest(
    (/** @type {File} */ chosen, signal) => {
      const query = new URLSearchParams({ name: chosen.name, filter: filter.value, version: version() });
      result.setAttribute("aria-busy", "true");
      if (chosen.size > slow) toast((form.dataset.reading ?? "#").replace("#", chosen.name));
      return upload(`/ui/file?${query}`, chosen.slice(0, most + 1), signal);
    },
    (html) => {
      result.removeAttribute("aria-busy");
      result.innerHTML = html; // made by our server, which escapes what it shows
      filter.setAttribute("aria-invalid", String(result.querySelector(".filter-mistake") !== null));
      say("packet", { scope: "" });
    },
    (error) => {
      result.removeAttribute("aria-busy");
      complain(error);
    },
  );

  /** @param {File | null | undefined} chosen */
  const open = (chosen) => {
    if (!chosen) return;
    file = chosen;
    void ask(chosen);
  };

  input.addEventListener("change", () => open(input.files?.[0]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file) void ask(file);
    else input.click();
  });
  page.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    page.classList.add("is-dropping");
  });
  page.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !page.contains(event.relatedTarget)) page.classList.remove("is-dropping");
  });
  page.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    page.classList.remove("is-dropping");
    open(event.dataTransfer.files[0]);
  });

  const show = latest(
    (/** @type {HTMLElement} */ link, signal) =>
      fragment("POST", "/ui/bytes", { hex: link.dataset.packet, version: link.dataset.version, from: link.dataset.from, origin: link.dataset.origin }, signal),
    (html) => {
      const place = result.querySelector(".capture-packet");
      if (place) place.innerHTML = html; // made by our server, which escapes what it shows
      const flow = result.querySelector(".packet-link[aria-current]")?.closest("tr")?.querySelector(".capture-flow");
      if (flow) place?.append(flow.cloneNode(true));
      say("packet", { scope: "file" });
    },
    complain,
  );
  /** @param {HTMLElement} link */
  const select = (link) => {
    for (const other of result.querySelectorAll(".packet-link[aria-current]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    void show(link);
  };
  result.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const other = target?.closest(".flow-link");
    if (other instanceof HTMLAnchorElement) {
      const there = result.querySelector(other.hash)?.querySelector(".packet-link");
      if (!(there instanceof HTMLElement) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      there.focus();
      select(there);
      return;
    }
    if (target?.closest("a:not(.packet-link)")) return;
    const link = target?.closest(".packet-link") ?? target?.closest("tr")?.querySelector(".packet-link");
    if (link instanceof HTMLElement && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      select(link);
      return;
    }
    const button = target?.closest("[data-filter]");
    if (button instanceof HTMLElement && file) {
      filter.value = button.dataset.filter ?? "";
      void ask(file);
    }
  });
  result.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...result.querySelectorAll(".packet-link")];
    const at = links.findIndex((link) => link === document.activeElement);
    const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
    select(next);
  });
}
