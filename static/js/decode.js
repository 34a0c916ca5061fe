// The decode page: reads the text as it is typed, and keeps the link current.

import { copy } from "./actions.js";
import { fragment } from "./api.js";
import { say } from "./bus.js";
import { latest, settled } from "./latest.js";
import { complain, toast } from "./toast.js";

// What servers and chat programs still take.
const longestLink = 8000;

class DecodePage extends HTMLElement {
  connectedCallback() {
    const text = this.querySelector("textarea");
    const version = this.querySelector("select");
    const result = this.querySelector("#result");
    const form = this.querySelector("form");
    if (!text || !version || !result || !form) return;

    const ask = latest(
      () => fragment("POST", "/ui/decode", { text: text.value, version: version.value }),
      (html) => {
        result.innerHTML = html; // made by our server, which escapes what it shows
        say("packet", { scope: "" });
      },
      complain,
    );
    const soon = settled(80, () => void ask(undefined));
    text.addEventListener("input", soon);
    version.addEventListener("change", () => void ask(undefined));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void ask(undefined);
    });
    this.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("[data-example]") : null;
      if (link instanceof HTMLElement) {
        event.preventDefault();
        text.value = link.dataset.example ?? "";
        version.value = "auto";
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
