// The builder: every change of the form is sent to the server, and what it
// says of the bytes is shown. The form itself is never redrawn.

import { spaced } from "./actions.js";
import { fragment } from "./api.js";
import { hear } from "./bus.js";
import { applyNeeds, formValue, numberRows } from "./form-value.js";
import { latest } from "./latest.js";
import { showDraft, staleDraft, toDraft } from "./packet-slot.js";
import { Problem, complain } from "./toast.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

export class PacketBuilder extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const problem = this.querySelector(".builder-problem");
    if (!form || !(problem instanceof HTMLElement)) return;
    this.form = form;
    this.problem = problem;
    /** @type {string} the bytes that the form makes, as hex */
    this.hex = document.querySelector("#packet-slot .packet")?.getAttribute("data-hex") ?? "";
    /** @type {Promise<void>} until the last change has been explained */
    this.settled = Promise.resolve();

    this.ask = latest(
      (/** @type {null} */ _, signal) => this.explain(signal),
      (html) => this.take(html),
      (error) => this.refuse(error),
    );
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", (event) => this.onClick(event));
    form.addEventListener("input", (event) => this.addProperty(event.target), true);
    hear("open", ({ hex }) => this.openBytes(hex));
    hear("build", ({ type, values }) => this.build(type, values ?? {}));
    for (const fieldset of form.querySelectorAll("fieldset")) {
      applyNeeds(fieldset, this.version);
      numberRows(fieldset);
    }
    this.offerTypes();
    // A browser that comes back to the page may have kept what was filled in.
    if (this.type !== "CONNECT" || this.version !== "3.1.1" || this.hex === "") this.changed();
  }

  /** @returns {string} */
  get type() {
    return /** @type {HTMLSelectElement} */ (this.form?.elements.namedItem("type")).value;
  }

  /** @returns {string} */
  get version() {
    return /** @type {HTMLSelectElement} */ (this.form?.elements.namedItem("version")).value;
  }

  /** Offers the types that the version has. */
  offerTypes() {
    for (const option of this.form?.querySelectorAll("#b-type option") ?? []) {
      const versions = option.getAttribute("data-versions");
      if (option instanceof HTMLOptionElement) option.disabled = Boolean(versions) && !versions?.split(" ").includes(this.version);
    }
    const select = this.form?.querySelector("#b-type");
    if (select instanceof HTMLSelectElement && select.selectedOptions[0]?.disabled) select.value = "CONNECT";
  }

  /** @returns {Element | null | undefined} */
  get fieldset() {
    return this.form?.querySelector(`fieldset[data-type="${CSS.escape(this.type)}"]`);
  }

  get raw() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("#b-raw"));
  }

  changed() {
    this.offerTypes();
    for (const fieldset of this.form?.querySelectorAll("fieldset") ?? []) fieldset.hidden = fieldset.dataset.type !== this.type;
    if (this.fieldset) {
      applyNeeds(this.fieldset, this.version);
      numberRows(this.fieldset);
    }
    toDraft();
    this.settled = this.ask ? this.ask(null) : Promise.resolve();
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<string>}
   */
  explain(signal) {
    const { version } = this;
    if (this.type === "raw") return fragment("POST", "/ui/decode", { text: this.raw.value, version, builder: true }, signal);
    const values = this.fieldset ? formValue(this.fieldset) : {};
    return fragment("POST", "/ui/packet", { type: this.type, version, ...values }, signal);
  }

  /** @param {string} html */
  take(html) {
    this.tell(null);
    const made = new DOMParser().parseFromString(html, "text/html").querySelector("[data-bytes], [data-hex]");
    this.hex = made?.getAttribute("data-bytes") ?? made?.getAttribute("data-hex") ?? "";
    showDraft(html);
    this.dispatchEvent(new CustomEvent("built", { bubbles: true }));
  }

  /** @param {unknown} error */
  refuse(error) {
    if (error instanceof Problem && error.status === 422) {
      this.hex = "";
      this.tell(error);
      staleDraft();
    } else complain(error);
  }

  /** @param {Problem | null} problem to show at its control */
  tell(problem) {
    for (const control of this.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    if (!this.problem) return;
    this.problem.hidden = problem === null;
    if (!problem) return;
    this.problem.textContent = [problem.message + ".", problem.detail, problem.mend].filter(Boolean).join(" ");
    const key = problem.field.replace(/^.*\]\.?/, "").replace(/_hex$/, "");
    this.fieldset?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.setAttribute("aria-invalid", "true");
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-property-remove]")) {
      target.closest("[data-property]")?.remove();
      this.changed();
    }
    const list = target?.closest("[data-list]");
    if (!list) return;
    if (target?.closest("[data-list-add]")) {
      const row = list.querySelector("template")?.content.cloneNode(true);
      if (row) list.querySelector(".list-rows")?.append(row);
      const input = list.querySelector("[data-row]:last-child input");
      if (input instanceof HTMLInputElement) {
        input.value = `test/${list.querySelectorAll("[data-row]").length}`;
        input.select();
      }
      this.changed();
    } else if (target?.closest("[data-list-remove]")) {
      target.closest("[data-row]")?.remove();
      this.changed();
    }
  }

  /**
   * Adds the row of the property that was chosen.
   * @param {EventTarget | null} select
   */
  addProperty(select) {
    if (!(select instanceof HTMLSelectElement) || !select.matches("[data-property-add]")) return;
    const option = select.selectedOptions[0];
    const editor = select.closest("[data-properties]");
    const template = editor?.querySelector(`template[data-kind="${CSS.escape(option?.dataset.kind ?? "")}"]`);
    const row = template instanceof HTMLTemplateElement ? template.content.firstElementChild?.cloneNode(true) : null;
    if (!option || !editor || !(row instanceof HTMLElement)) return;
    row.dataset.property = option.value;
    row.dataset.field = option.dataset.field;
    const name = row.querySelector(".property-name");
    if (name) name.textContent = option.text;
    for (const input of row.querySelectorAll("input")) {
      input.setAttribute("aria-label", [option.text, input.placeholder].filter(Boolean).join(", "));
      if (option.dataset.max) input.max = option.dataset.max;
    }
    editor.querySelector(".list-rows")?.append(row);
    select.value = "";
    row.querySelector("input")?.focus();
  }

  /** @param {string} type */
  choose(type) {
    /** @type {HTMLSelectElement} */ (this.form?.elements.namedItem("type")).value = type;
  }

  /** @param {string} hex bytes that are to be edited by hand */
  openBytes(hex) {
    this.choose("raw");
    this.raw.value = spaced(hex);
    this.changed();
    this.raw.focus();
  }

  /**
   * @param {string} type
   * @param {Record<string, string | boolean>} values by key
   */
  build(type, values) {
    this.choose(type);
    for (const [key, value] of Object.entries(values)) {
      const control = this.fieldset?.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (control instanceof HTMLInputElement && typeof value === "boolean") control.checked = value;
      else if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) control.value = String(value);
    }
    this.changed();
  }
}

customElements.define("packet-builder", PacketBuilder);
