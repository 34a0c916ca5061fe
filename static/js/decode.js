// The decode page: reads the text as it is typed, and keeps the link current.

import { copy } from "./actions.js";
import { startFiles } from "./capture.js";
import { fragment } from "./api.js";
import { hear, say } from "./bus.js";
import { latest, settled } from "./latest.js";
import { say as text } from "./say.js";
import { Problem, complain, toast } from "./toast.js";

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
    const beside = !narrow.matches || Boolean(result.querySelector(".empty"));
    const examples = this.querySelector(".examples");
    this.move(examples, beside);
    this.move(this.querySelector(".file-form"), beside || Boolean(result.querySelector(".capture")), examples);
  }

  /**
   * @param {Element | null} part
   * @param {boolean} beside whether it stands with the text, not behind what was read
   * @param {Element | null} [next] before which it stands, if that is in the same place
   */
  move(part, beside, next = null) {
    const place = beside ? this.querySelector(".decode-input") : this;
    if (part && place && part.parentElement !== place) place.insertBefore(part, next?.parentElement === place ? next : null);
  }

  connectedCallback() {
    const box = this.querySelector("textarea");
    const version = this.querySelector("select");
    const result = this.querySelector("#result");
    const form = this.querySelector("form");
    if (!box || !version || !(result instanceof HTMLElement) || !form) return;
    const columns = () => box.classList.toggle("has-lines", /\n./.test(box.value));
    columns();
    this.order(result);
    narrow.addEventListener("change", () => this.order(result));
    hear("packet", () => this.order(result));
    startFiles(this, result, () => version.value);
    let reading = 0; // which way the text is read

    const ask = latest(
      () => fragment("POST", "/ui/decode", { text: box.value, version: version.value, reading }),
      (html) => {
        result.innerHTML = html; // made by our server, which escapes what it shows
        say("packet", { scope: "" });
      },
      (error) => {
        complain(error);
        if (error instanceof Problem && error.status === 0) setTimeout(soon, 3000); // nobody answered
      },
    );
    const soon = settled(80, () => void ask(undefined));
    box.addEventListener("input", () => {
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
        box.value = link.dataset.example ?? "";
        columns();
        version.value = "auto";
        reading = 0;
        void ask(undefined);
        box.focus({ preventScroll: true });
      }
      if (event.target instanceof Element && event.target.closest('[data-do="share"]')) {
        const link = new URL("/decode", location.href);
        link.searchParams.set("text", box.value);
        if (version.value !== "auto") link.searchParams.set("version", version.value);
        if (link.href.length > longestLink) {
          toast(text("decode.long"));
          return;
        }
        history.replaceState(null, "", link);
        void copy(link.href, text("copy.link-copied"));
      }
    });
  }
}

customElements.define("decode-page", DecodePage);
