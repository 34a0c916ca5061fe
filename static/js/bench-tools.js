// What one does with a bench as a whole: its broker's settings, files and
// scenarios, new benches.

import { fragment, json, post } from "./api.js";
import { say } from "./say.js";
import { Problem, complain, toast } from "./toast.js";

/** @typedef {{state: string, step: number, steps: number, failure?: string}} Replay */

class BenchTools extends HTMLElement {
  bench = this.closest("[data-bench]")?.getAttribute("data-bench") ?? "main";
  path = `/api/benches/${this.bench}`;

  connectedCallback() {
    this.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const opens = target?.closest("[data-dialog]")?.getAttribute("data-dialog");
      if (opens) void this.open(opens).catch(complain);
      else if (target?.closest("[data-close]")) target.closest("dialog")?.close();
      else if (target?.closest("[data-stop-replay]")) void json("DELETE", `${this.path}/replay`).catch(complain);
      else if (target?.closest("[data-remove-bench]")) void this.removeBench().catch(complain);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      if (!(form instanceof HTMLFormElement)) return;
      if (form.matches("[data-settings]")) void this.apply(form);
      else if (form.matches("[data-replay]")) void this.replay(form);
      else if (form.matches("[data-import]")) void this.import(form);
      else if (form.matches("[data-make]")) void this.make(form).catch(complain);
    });
  }

  /** @param {string} name */
  async open(name) {
    const dialog = this.querySelector(`dialog[data-name="${name}"]`);
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (name === "settings") {
      const html = await fragment("GET", `/ui/benches/${this.bench}/settings`);
      dialog.replaceChildren(document.createRange().createContextualFragment(html));
    }
    dialog.showModal();
  }

  /** @param {HTMLFormElement} form */
  async apply(form) {
    const said = form.querySelector(".tool-said");
    for (const bad of form.querySelectorAll("[aria-invalid]")) bad.removeAttribute("aria-invalid");
    if (said) said.textContent = "";
    try {
      await json("PUT", `${this.path}/broker`, { broker: read(form) });
      form.closest("dialog")?.close();
      toast(say("settings.done"));
    } catch (error) {
      if (!(error instanceof Problem) || !said) return complain(error);
      const key = /^broker\.([a-z_]+)/.exec(error.field)?.[1] ?? "";
      const row = key ? form.querySelector(`[data-key="${key}"]`) : null;
      const control = row?.querySelector("input, textarea");
      const label = row?.querySelector("label, .setting-label")?.firstChild?.textContent?.trim() ?? "";
      said.textContent = [label && `${label}:`, error.help].filter(Boolean).join("\n");
      if (control instanceof HTMLElement) {
        control.setAttribute("aria-invalid", "true");
        control.focus();
      }
    }
  }

  /** @param {HTMLFormElement} form */
  async replay(form) {
    const said = form.querySelector(".tool-said");
    const stop = form.querySelector("[data-stop-replay]");
    const file = fileOf(form);
    if (!said || !stop) return;
    if (!file) {
      said.textContent = say("files.none");
      return;
    }
    const value = (/** @type {string} */ id) => /** @type {HTMLSelectElement} */ (form.querySelector(`#${id}`)).value;
    const where = value("replay-where");
    const query = `speed=${value("replay-speed")}${where === "keep" ? "&broker=keep" : ""}`;
    try {
      if (where === "new") {
        const made = await json("POST", "/api/benches", {});
        await post(`/api/benches/${made.id}/replay?${query}`, file);
        location.assign(made.page);
        return;
      }
      await post(`${this.path}/replay?${query}`, file);
      stop.removeAttribute("hidden");
      const dialog = form.closest("dialog");
      dialog?.close(); // so that the flow can be watched
      toast(say("files.started"));
      await this.follow(said);
      if (!dialog?.open) toast(said.textContent ?? "");
    } catch (error) {
      if (!(error instanceof Problem)) complain(error);
      else said.textContent = [error.line ? `${error.line}:${error.column}` : "", error.field && `${error.field}:`, error.detail].filter(Boolean).join(" ") + `\n${error.mend}`;
    } finally {
      stop.setAttribute("hidden", "");
    }
  }

  /**
   * Says how far the scenario is, until its end.
   * @param {Element} said
   */
  async follow(said) {
    for (;;) {
      const now = /** @type {Replay} */ (await json("GET", `${this.path}/replay`));
      if (now.state !== "running") {
        said.textContent = now.state === "failed" ? say("files.failed", { why: now.failure ?? "" }) : say(`files.${now.state}`);
        return;
      }
      said.textContent = say("files.running", { step: now.step, steps: now.steps });
      await new Promise((go) => setTimeout(go, 300));
    }
  }

  /** @param {HTMLFormElement} form */
  async import(form) {
    const said = form.querySelector(".tool-said");
    const file = fileOf(form);
    if (!said) return;
    said.textContent = say(file ? "files.reading" : "files.none");
    if (!file) return;
    try {
      const answer = await post("/api/benches/import", file);
      location.assign((await answer.json()).page);
    } catch (error) {
      said.textContent = error instanceof Problem ? error.help : "";
      if (!(error instanceof Problem)) complain(error);
    }
  }

  /** @param {HTMLFormElement} form */
  async make(form) {
    const tcp = form.querySelector("[name=tcp]");
    const made = await json("POST", "/api/benches", { tcp: tcp instanceof HTMLInputElement && tcp.checked });
    location.assign(made.page);
  }

  async removeBench() {
    if (!confirm(say("make.sure"))) return;
    await json("DELETE", this.path);
    toast(say("make.removed"));
    location.assign("/");
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {File | undefined}
 */
function fileOf(form) {
  const input = form.querySelector("input[type=file]");
  return input instanceof HTMLInputElement ? input.files?.[0] : undefined;
}

/**
 * What a form of settings says, as PUT …/broker takes it. A number or list
 * that is left empty is left out, and then has its default.
 * @param {HTMLFormElement} form
 * @returns {Record<string, unknown>}
 */
function read(form) {
  /** @type {Record<string, unknown>} */
  const out = {};
  for (const row of form.querySelectorAll("[data-key]")) {
    const key = row.getAttribute("data-key") ?? "";
    const control = row.querySelector("textarea, input");
    const boxes = /** @type {HTMLInputElement[]} */ ([...row.querySelectorAll("input[type=checkbox]")]);
    const text = control instanceof HTMLTextAreaElement || control instanceof HTMLInputElement ? control.value : "";
    const lines = text.split("\n").filter((line) => line !== "");
    switch (row.getAttribute("data-kind")) {
      case "flag":
        out[key] = boxes[0]?.checked ?? false;
        break;
      case "versions":
        out[key] = boxes.filter((box) => box.checked).map((box) => box.value);
        break;
      case "number":
      case "decimal":
        if (text !== "") out[key] = Number(text);
        break;
      case "users":
        if (lines.length) out[key] = Object.fromEntries(lines.map(user));
        break;
      default:
        if (lines.length) out[key] = lines;
    }
  }
  return out;
}

/**
 * @param {string} line "name:password", or a name that keeps its password
 * @returns {[string, string | null]}
 */
function user(line) {
  const at = line.indexOf(":");
  return at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
}

customElements.define("bench-tools", BenchTools);
