// What a student's page learns of the class: that it is paused or over, and
// what the teacher shows everybody.

import { spaced } from "./actions.js";
import { say as tell } from "./bus.js";
import { say } from "./say.js";
import { Stream } from "./stream.js";
import { toast } from "./toast.js";
import { visible } from "./visible.js";

/**
 * @typedef {{n: number, kind: string, hex?: string, version?: string, lab?: string, text?: string}} Push
 * @typedef {{rev: number, state: {name: string, paused: boolean, ended: boolean}, pushes: Push[], gone: boolean}} News
 */

class ClassNews extends HTMLElement {
  connectedCallback() {
    const since = Number(this.dataset.since);
    this.bench = this.dataset.bench ?? "";
    this.paused = this.querySelector(".class-paused");
    this.notices = this.querySelector(".class-notices");
    this.stream = new Stream("/api/class/live", since, (/** @type {News} */ news) => this.take(news), () => {});
    this.pause(Boolean(this.paused?.textContent?.trim()));
  }

  /** @param {News} news */
  take(news) {
    if (this.stream) this.stream.since = news.rev;
    if (news.gone || news.state.ended) {
      this.stream?.end();
      location.assign(`/class?left=${news.state.ended ? "ended" : "removed"}`);
      return;
    }
    this.pause(news.state.paused);
    for (const push of news.pushes) this.show(push);
  }

  /** @param {boolean} paused */
  pause(paused) {
    const text = paused ? (this.paused?.getAttribute("data-paused-text") ?? "") : "";
    if (this.paused && this.paused.textContent?.trim() !== text) this.paused.textContent = text;
    document.querySelector("main")?.toggleAttribute("inert", paused);
  }

  /** @param {Push} push */
  show(push) {
    switch (push.kind) {
      case "packet":
        if (document.querySelector("packet-builder")) {
          tell("open", { hex: push.hex ?? "" });
          toast(say("class.packet"), say("class.packet-in"));
        } else {
          this.notice(say("class.packet"), spaced((push.hex ?? "").slice(0, 80)), `/b/${this.bench}?${new URLSearchParams({ hex: push.hex ?? "", version: push.version || "auto" })}`, say("class.packet-open"));
        }
        break;
      case "lab":
        this.notice(say("class.lab"), push.text ?? "", `/labs/${encodeURIComponent(push.lab ?? "")}`, say("class.lab-open"));
        break;
      case "text":
        this.notice(say("class.from"), push.text ?? "");
        break;
    }
  }

  /** @param {string} title @param {string} text @param {string} [to] @param {string} [toText] */
  notice(title, text, to = "", toText = "") {
    const item = document.createElement("div");
    item.className = "class-notice";
    const head = document.createElement("b");
    head.textContent = title;
    const words = document.createElement("p");
    words.textContent = visible(text);
    const acts = document.createElement("p");
    acts.className = "row";
    if (to) {
      const link = document.createElement("a");
      link.className = "button small";
      link.href = to;
      link.textContent = toText;
      acts.append(link);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "small";
    close.textContent = say("class.close");
    close.addEventListener("click", () => item.remove());
    acts.append(close);
    item.append(head, words, acts);
    this.notices?.append(item);
    while (this.notices && this.notices.children.length > 3) this.notices.firstElementChild?.remove();
  }
}

customElements.define("class-news", ClassNews);
