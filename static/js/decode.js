// The decode page: reads the text as it is typed, and keeps the link current.

import { copy } from "./actions.js";
import { startFiles } from "./capture.js";
import { fragment } from "./api.js";
import { hear, say } from "./bus.js";
import { latest, settled } from "./latest.js";
import { complain, toast } from "./toast.js";

// What servers and chat programs still take.
const longestLink = 8000;

const narrow = matchMedia("(max-width: 74.99rem)");

class DecodePage extends HTMLElement {
  /**
   * Where all is one column, what was read stands before what else can be
   * opened; the packets of a file stand below their filter.
   * @param {HTMLElement} result
   */
  order(result) {
    const more = this.querySelector(".decode-more");
    const place = narrow.matches && !result.querySelector(".empty, .capture") ? this : this.querySelector(".decode-input");
    if (more && place && more.parentElement !== place) place.append(more);
  }

  connectedCallback() {
    const text = this.querySelector("textarea");
    const version = this.querySelector("select");
    const result = this.querySelector("#result");
    const form = this.querySelector("form");
    if (!text || !version || !(result instanceof HTMLElement) || !form) return;
    const columns = () => text.classList.toggle("has-lines", /\n./.test(text.value));
    columns();
    this.order(result);
    narrow.addEventListener("change", () => this.order(result));
    hear("packet", () => this.order(result));
    startFiles(this, result, () => version.value);
    let reading = 0; // which way the text is read

    const ask = latest(
      () => fragment("POST", "/ui/decode", { text: text.value, version: version.value, reading }),
      (html) => {
        result.innerHTML = html; // made by our server, which escapes what it shows
        say("packet", { scope: "" });
      },
      complain,
    );
    const soon = settled(80, () => void ask(undefined));
    text.addEventListener("input", () => {
      columns();
      reading = 0;
      soon();
    });
    version.addEventListener("change", () => void ask(undefined));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const by = event instanceof SubmitEvent ? event.submitter : null;
      reading = by instanceof HTMLButtonElement && by.name === "reading" ? Number(by.value) : 0;
      void ask(undefined);
    });
    this.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("[data-example]") : null;
      if (link instanceof HTMLElement) {
        event.preventDefault();
        text.value = link.dataset.example ?? "";
        columns();
        version.value = "auto";
        reading = 0;
        void ask(undefined);
        text.focus({ preventScroll: true });
      }
      if (event.target instanceof Element && event.target.closest('[data-do="share"]')) {
        const link = new URL("/decode", location.href);
        link.searchParams.set("text", text.value);
        if (version.value !== "auto") link.searchParams.set("version", version.value);
        if (link.href.length > longestLink) {
          toast("This text is too long for a link.", "Share the text itself, or a part of it.");
          return;
        }
        history.replaceState(null, "", link);
        void copy(link.href, "Link copied.");
      }
    });
  }
}

customElements.define("decode-page", DecodePage);
