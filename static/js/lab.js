// The lab on the bench: draws its steps anew when anything on the bench has
// changed, and sends answers.

import { json, fragment } from "./api.js";
import { PacketBuilder } from "./builder.js";
import { hear, say as tell } from "./bus.js";
import { say } from "./say.js";
import { complain, Problem, toast } from "./toast.js";

export class LabPane extends HTMLElement {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer = undefined;
  asking = false;
  again = false;

  connectedCallback() {
    this.bench = this.dataset.bench ?? "";
    this.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const button = target?.closest("button");
      if (!button) return;
      const what = button.getAttribute("data-lab");
      if (what) void this.act(what, button);
      const n = Number(button.getAttribute("data-event"));
      if (n > 0) tell("event", { n });
    });
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.shutMenu()?.querySelector("summary")?.focus();
    });
    document.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element && target.closest(".lab-menu > summary"))) this.shutMenu();
    });
    hear("flow", () => this.stir());
    this.addEventListener("toggle", (event) => this.nextHint(event.target), { capture: true });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void this.answer(event.target);
    });
  }

  /** @returns {Element | null} the menu, if it was open */
  shutMenu() {
    const menu = this.querySelector(".lab-menu[open]");
    menu?.removeAttribute("open");
    return menu;
  }

  /** Something has happened on the bench: the steps may read otherwise. */
  stir() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.draw();
    }, 120);
  }

  /** @param {string} what @param {Element} near */
  async act(what, near) {
    try {
      if (what === "build") {
        const draft = await this.draft();
        if (draft) await json("POST", this.call("build"), draft);
      } else if (what === "take") {
        const draft = await this.draft();
        const field = near.closest("form")?.querySelector("textarea");
        if (draft && field) field.value = draft.hex.replace(/..(?=.)/g, "$& ");
        return;
      } else {
        if (what === "reset" && !confirm(say("lab.sure"))) return;
        await json("POST", this.call(what), {});
      }
    } catch (error) {
      complain(error);
    }
    await this.draw();
  }

  /** @param {HTMLFormElement} form */
  async answer(form) {
    const wrong = form.querySelector("[data-lab-wrong]");
    const text = new FormData(form).get("answer");
    try {
      const said = await json("POST", this.call("answer"), { answer: String(text ?? "") });
      if (wrong instanceof HTMLElement) {
        wrong.hidden = said.right !== false;
        wrong.textContent = say("lab.wrong");
      }
      if (said.right !== false) await this.draw();
    } catch (error) {
      if (error instanceof Problem && wrong instanceof HTMLElement) {
        wrong.hidden = false;
        wrong.textContent = error.detail || error.message;
      } else complain(error);
    }
  }

  /** @param {string} what */
  call(what) {
    return `/api/benches/${this.bench}/lab/${what}`;
  }

  /** What the builder holds, once it is settled. */
  async draft() {
    const builder = document.querySelector("packet-builder");
    if (!(builder instanceof PacketBuilder)) return null;
    await builder.ready();
    if (!builder.hex) {
      toast(say("lab.no-draft"));
      return null;
    }
    return { hex: builder.hex, version: builder.version };
  }

  async draw() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      const rev = this.querySelector("[data-rev]")?.getAttribute("data-rev") ?? "0";
      const lang = document.documentElement.lang;
      const html = await fragment("GET", `/ui/benches/${this.bench}/lab?lang=${lang}&rev=${rev}`);
      if (html) this.show(html);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 0)) complain(error); // else the stream says it
    } finally {
      this.asking = false;
    }
    if (this.again) {
      this.again = false;
      this.stir();
    }
  }

  /**
   * Puts the steps in place and keeps what the learner is at: what is folded
   * open, what is typed, where the focus is.
   * @param {string} html made by the server
   */
  show(html) {
    const before = this.querySelector("[data-now]")?.getAttribute("data-step");
    const open = new Map([...this.querySelectorAll("details")].map((d) => [key(d), d.open]));
    const hints = [...this.querySelectorAll("[data-hint]:not([hidden])")].map(key);
    const typed = new Map([...this.querySelectorAll("input:not([type=radio]), textarea")].map((f) => [key(f), /** @type {HTMLInputElement} */ (f).value]));
    const chosen = [...this.querySelectorAll("input[type=radio]:checked")].map(key);
    const focus = this.contains(document.activeElement) && document.activeElement ? key(document.activeElement) : "";
    const missed = this.querySelector("[data-missed]")?.getAttribute("data-missed");
    const scroll = this.scrollTop;
    this.innerHTML = html; // a fragment of our own server's, like every other
    const now = this.querySelector("[data-now]")?.getAttribute("data-step");
    for (const d of this.querySelectorAll("details")) {
      const was = open.get(key(d));
      const step = d.getAttribute("data-step");
      if (was !== undefined && step !== before && step !== now) d.open = was;
    }
    for (const hint of this.querySelectorAll("[data-hint]")) if (hints.includes(key(hint))) hint.removeAttribute("hidden");
    for (const f of this.querySelectorAll("input, textarea")) {
      if (!(f instanceof HTMLInputElement || f instanceof HTMLTextAreaElement)) continue;
      if (f.type === "radio") /** @type {HTMLInputElement} */ (f).checked = chosen.includes(key(f));
      else f.value = typed.get(key(f)) ?? f.value;
    }
    this.scrollTo({ top: scroll, behavior: "instant" });
    const again = focus ? [...this.querySelectorAll("button, input, textarea, summary, a")].find((e) => key(e) === focus) : null;
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
    const misses = this.querySelector("[data-missed]");
    if (misses && misses.getAttribute("data-missed") !== missed) {
      toast(say("lab.missed"));
      misses.scrollIntoView({ block: "nearest" });
    }
    if (now !== before && before) {
      const title = this.querySelector(`#step-${before} summary > span:nth-of-type(2)`)?.textContent?.trim() ?? "";
      toast(say("lab.passed", { title }));
      const passed = this.querySelector(`#step-${before}`);
      if (passed instanceof HTMLDetailsElement) passed.open = true; // what is worth knowing is behind it
      this.querySelector("[data-now], .lab-done")?.scrollIntoView({ block: "nearest" });
    }
  }

  /** A hint that was read makes the next one seen. @param {EventTarget | null} target */
  nextHint(target) {
    if (!(target instanceof HTMLDetailsElement) || !target.open || !target.matches("[data-hint]")) return;
    const next = target.nextElementSibling;
    if (next?.matches("[data-hint]")) next.removeAttribute("hidden");
  }
}

/** What an element is called from one drawing to the next. @param {Element} e */
function key(e) {
  const step = e.closest("[data-step]")?.getAttribute("data-step") ?? "";
  const own = e.getAttribute("data-step") ?? e.getAttribute("data-hint") ?? e.getAttribute("data-lab") ?? e.getAttribute("value") ?? "";
  return [step, e.tagName, e.className, own].join(" ");
}

customElements.define("lab-pane", LabPane);
