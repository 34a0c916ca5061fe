// The builder holds the draft: bytes, made by its form or edited in their grid.
// Every change is sent to the server, and what it says of the bytes is shown;
// where the bytes were edited, the form follows. The form itself is never redrawn.

import { spaced } from "./actions.js";
import { fragment } from "./api.js";
import { Breaks } from "./breaks.js";
import { hear } from "./bus.js";
import { fillForm, propertyRow } from "./form-fill.js";
import { applyNeeds, formValue, numberRows } from "./form-value.js";
import { HexEditor } from "./hexedit.js";
import { History } from "./history.js";
import { inTurn } from "./latest.js";
import { parsed, showDraft, staleDraft, toDraft } from "./packet-slot.js";
import { part } from "./part.js";
import { Problem, complain } from "./toast.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/**
 * What is asked of the server: the form as it is, or bytes, into which a text
 * may be pasted.
 * @typedef {{hex: string | null, paste?: string, from?: number, to?: number, key: string, again?: boolean}} Job
 */

/**
 * A state to go back to: the form, or, where they were edited, the bytes.
 * @typedef {{type: string, version: string, values: Record<string, any>, raw: string, hex: string | null}} State
 */

// Longer drafts are not compared with what they were before a change.
const longestCompared = 8192;

export class PacketBuilder extends HTMLElement {
  /** @type {History<State>} */
  past = new History();
  /** @type {History<State> | undefined} of the draft, while other bytes are worked on */
  aside = undefined;
  /** @type {string} the draft's bytes, as hex */
  hex = "";
  shownHex = ""; // as they were explained last
  held = ""; // what the page holds of their explanation, in the server's words
  edited = false; // the bytes were edited; the form follows
  /** @type {unknown} why the last change could not be explained: the server was away */
  missed = null;
  follows = "exactly"; // how well it does: "exactly", "partly", "not"
  /** @type {boolean | null} whether the client that is to send the draft is connected; null: that does not matter */
  connected = null;

  connectedCallback() {
    const form = this.querySelector("form");
    const problem = this.querySelector(".builder-problem");
    const draft = document.querySelector("#packet-slot .draft");
    if (!form || !(problem instanceof HTMLElement) || !(draft instanceof HTMLElement)) return;
    this.form = form;
    this.problem = problem;
    this.breaks = new Breaks(part(this, ".breaks"));
    this.hex = this.shownHex = draft.dataset.bytes ?? "";
    this.held = heldOf(draft);
    /** @type {Promise<void>} until the last change has been explained */
    this.settled = Promise.resolve();

    this.ask = inTurn(
      (/** @type {Job} */ job, signal) => this.explain(job, signal),
      (html, job, newest) => this.take(html, job, newest),
      (error) => this.refuse(error),
    );
    this.editor = new HexEditor(part(document, "#packet-slot"), this);
    form.addEventListener("input", (event) => this.changed(keyOf(event.target)));
    form.addEventListener("input", (event) => this.takePreset(event), true);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", (event) => this.onClick(event));
    form.addEventListener("input", (event) => this.addProperty(event.target), true);
    form.addEventListener("keydown", (event) => this.editor?.undoKey(event));
    hear("open", ({ hex }) => this.openBytes(hex));
    hear("build", ({ type, version, form: made, values }) => (made ? this.buildForm(made, version) : this.build(type, values ?? {})));
    hear("set", ({ key }) => this.breaks?.set(key));
    hear("text", () => this.openText());
    hear("back", () => {
      if (this.missed) this.again();
    });
    for (const fieldset of form.querySelectorAll("fieldset")) {
      applyNeeds(fieldset, this.version);
      numberRows(fieldset);
    }
    this.breaks.offer(settableOf(draft) ?? []);
    if (draft.dataset.form || draft.dataset.follows === "not") { // the address held bytes
      this.edited = true;
      this.follow(draft);
      this.past.push(this.state, "");
      return;
    }
    this.offerTypes();
    this.past.push(this.state, "");
    // A browser that comes back to the page may have kept what was filled in.
    if (this.type !== "CONNECT" || this.version !== "3.1.1" || this.hex === "") this.changed("");
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

  /** @returns {Record<string, any>} what the form says */
  get values() {
    /** @type {Record<string, any>} */
    const values = this.fieldset ? formValue(this.fieldset) : {};
    const override = this.breaks?.value;
    if (override) values.override = override;
    return values;
  }

  /** @returns {State} */
  get state() {
    return { type: this.type, version: this.version, values: this.values, raw: this.raw.value, hex: this.edited ? this.hex : null };
  }

  /** Shows the controls that the type and the version have. */
  arrange() {
    this.offerTypes();
    for (const fieldset of this.form?.querySelectorAll("fieldset") ?? []) fieldset.hidden = fieldset.dataset.type !== this.type;
    part(this, ".breaks").hidden = this.type === "raw";
    if (this.fieldset) {
      applyNeeds(this.fieldset, this.version);
      numberRows(this.fieldset);
    }
  }

  /**
   * The form was changed.
   * @param {string} [key] of the control
   * @param {boolean} [again] an undone change: not to be remembered
   */
  changed(key = "", again = false) {
    if (key === "type" || key === "version") this.breaks?.fill();
    this.edited = false;
    this.arrange();
    if (!again) this.past.push(this.state, key);
    toDraft();
    this.askAbout({ hex: null, key });
  }

  /**
   * The client that is to send the draft has changed: what is said of the bytes may be other than before.
   * @param {boolean | null} connected whether it is connected; null: that does not matter
   */
  sentBy(connected) {
    const before = this.connected;
    if (connected === before) return;
    this.connected = connected;
    if (before === null && this.type === "CONNECT" && !connected) return; // as the page came
    this.settled = this.settled?.then(() => {
      if (this.connected === connected) return this.ask?.(this.unchanged);
    });
  }

  /**
   * The bytes were edited.
   * @param {string} hex
   * @param {string} key of the edit, for undo
   * @param {boolean} [again] an undone change: not to be remembered
   */
  editBytes(hex, key, again = false) {
    this.edited = true;
    this.hex = hex;
    if (!again) this.past.push(this.state, key);
    this.askAbout({ hex, key });
  }

  /**
   * @param {string} text with bytes in any layout
   * @param {number} from
   * @param {number} to the byte behind those whose place they take; -1: as many as there are
   */
  paste(text, from, to) {
    this.edited = true;
    this.askAbout({ hex: this.hex, paste: text, from, to, key: "paste" });
  }

  /**
   * Flips a bit: in the form, where a control says it and all that follows from
   * it, else, or if only the bit is wanted, in the bytes.
   * @param {number} at the byte
   * @param {number} bit
   * @param {string} name of the field
   * @param {number} low which bit of the field it is
   * @param {boolean} bare
   */
  flip(at, bit, name, low, bare) {
    const holder = bare || (this.edited && this.follows !== "exactly") ? null : this.fieldset?.querySelector(`[data-fields~="${CSS.escape(name)}"]:not([hidden])`);
    const control = holder?.matches(".flag, .control") ? holder.querySelector("input[type=checkbox], select") : null;
    const set = this.breaks?.value?.[name] !== undefined;
    if (!set && control instanceof HTMLInputElement && !control.closest("[hidden]")) {
      control.checked = !control.checked;
    } else if (!set && control instanceof HTMLSelectElement && !control.closest("[hidden]") && control.dataset.kind === "number") {
      control.value = String(Number(control.value) ^ (1 << low));
    } else {
      const digits = this.hex.slice(2 * at, 2 * at + 2);
      const flipped = (Number.parseInt(digits, 16) ^ (1 << bit)).toString(16).padStart(2, "0");
      this.editBytes(this.hex.slice(0, 2 * at) + flipped + this.hex.slice(2 * at + 2), "");
      return;
    }
    this.changed();
  }

  /** @returns {Job} the draft as it is */
  get unchanged() {
    return { hex: this.edited ? this.hex : null, key: "" };
  }

  /** @param {Job} job to be explained */
  askAbout(job) {
    this.settled = this.ask ? this.ask(job) : Promise.resolve();
  }

  /** Asks again for what could not be explained. */
  again() {
    this.askAbout(this.unchanged);
  }

  /** Until the bytes are those of the last change. */
  async ready() {
    if (this.missed) this.again();
    await this.settled;
    if (this.missed) throw this.missed;
  }

  get canUndo() {
    return this.past.canUndo;
  }

  get canRedo() {
    return this.past.canRedo;
  }

  undo() {
    this.restore(this.past.undo());
  }

  redo() {
    this.restore(this.past.redo());
  }

  /** @param {State | undefined} state */
  restore(state) {
    if (!state) return;
    this.choose(state.type, state.version);
    this.raw.value = state.raw;
    this.arrange();
    if (this.fieldset) fillForm(this.fieldset, state.values);
    this.breaks?.fill(state.values.override);
    if (state.hex === null) this.changed("", true);
    else {
      this.arrange();
      this.editBytes(state.hex, "", true);
    }
  }

  /**
   * @param {Job} job
   * @param {AbortSignal} signal
   * @returns {Promise<string>}
   */
  explain(job, signal) {
    const { version } = this;
    const { held, connected } = this;
    const was = this.shownHex.length <= longestCompared ? this.shownHex : "";
    if (job.hex !== null) {
      const { hex, paste, from, to } = job;
      return fragment("POST", "/ui/draft", { hex, paste, from, to, version, was, held, connected }, signal);
    }
    if (this.type === "raw") return fragment("POST", "/ui/decode", { text: this.raw.value, version, connected, builder: true }, signal);
    return fragment("POST", "/ui/draft", { form: { type: this.type, version, ...this.values }, was, held, connected }, signal);
  }

  /**
   * @param {string} html
   * @param {Job} job
   * @param {boolean} newest whether nothing has changed since it was asked for
   */
  take(html, job, newest) {
    if (!newest && (job.hex !== null || this.edited)) return; // the bytes have been edited since, and this would undo it
    this.missed = null;
    this.tell(null);
    const view = parsed(html);
    const made = view.querySelector("[data-bytes], [data-hex]");
    this.hex = this.shownHex = made?.getAttribute("data-bytes") ?? made?.getAttribute("data-hex") ?? "";
    this.held = heldOf(view);
    if (made instanceof HTMLElement) {
      this.breaks?.offer(settableOf(view) ?? this.breaks.fields);
      this.follows = made.dataset.follows ?? "exactly";
      if (job.hex !== null) this.follow(made);
    }
    if (job.paste !== undefined) this.past.push(this.state, "");
    let whole = true;
    if (this.editor) this.editor.keep(() => { whole = showDraft(view); });
    else whole = showDraft(view);
    if (!whole) { // something else has changed the page: all of it, then
      this.held = "";
      void this.ask?.(job);
    }
    this.dispatchEvent(new CustomEvent("built", { bubbles: true }));
  }

  /**
   * Fills the form with what the server read from edited bytes.
   * @param {HTMLElement} draft
   */
  follow(draft) {
    this.follows = draft.dataset.follows ?? "not";
    if (draft.dataset.form === undefined) {
      this.choose("raw");
      this.raw.value = spaced(draft.dataset.bytes ?? "");
      this.arrange();
      return;
    }
    const values = JSON.parse(draft.dataset.form);
    this.choose(values.type, values.version);
    this.arrange();
    if (this.fieldset) {
      fillForm(this.fieldset, values);
      applyNeeds(this.fieldset, this.version);
      numberRows(this.fieldset);
    }
    this.breaks?.fill(values.override);
  }

  /** @param {unknown} error */
  refuse(error) {
    staleDraft();
    const answered = error instanceof Problem && error.status === 422;
    this.missed = answered ? null : error;
    if (answered) {
      if (!this.edited) this.hex = "";
      this.tell(error);
    } else complain(error);
  }

  /** @param {Problem | null} problem to show at its control */
  tell(problem) {
    for (const control of this.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    if (!this.problem) return;
    this.problem.hidden = problem === null;
    if (!problem) return;
    this.problem.textContent = [problem.message + ".", problem.detail, problem.mend].filter(Boolean).join(" ");
    const set = problem.field.match(/^override\.(.*?)(\.bytes)?$/)?.[1];
    const key = problem.field.replace(/^.*\]\.?/, "").replace(/_hex$/, "");
    const control = set ? this.querySelector(`[data-break="${CSS.escape(set)}"] input`) : this.fieldset?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    control?.setAttribute("aria-invalid", "true");
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("[data-property-remove]")?.closest("[data-property], [data-break]");
    if (row) {
      row.remove();
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
    const editor = select.closest("[data-properties]");
    const row = editor ? propertyRow(editor, select.value) : null;
    if (!editor || !row) return;
    editor.querySelector(".list-rows")?.append(row);
    select.value = "";
    row.querySelector("input")?.focus();
  }

  /**
   * Builds the packet that was chosen as an example.
   * @param {Event} event
   */
  takePreset(event) {
    const select = event.target;
    if (!(select instanceof HTMLSelectElement) || !select.matches("[data-example]")) return;
    event.stopPropagation();
    const made = select.selectedOptions[0]?.dataset.form;
    select.value = "";
    if (made) this.buildForm(JSON.parse(made));
  }

  /**
   * @param {string} type
   * @param {string} [version]
   */
  choose(type, version) {
    if (version) /** @type {HTMLSelectElement} */ (this.form?.elements.namedItem("version")).value = version;
    this.offerTypes();
    /** @type {HTMLSelectElement} */ (this.form?.elements.namedItem("type")).value = type;
  }

  /** @param {string} hex bytes that are to be the draft */
  openBytes(hex) {
    toDraft();
    this.editBytes(hex, "");
  }

  /**
   * Lays the draft aside, with all that can be undone in it, and works on other bytes.
   * @param {string} hex
   * @param {string} version under which they are read; "": as the draft is
   */
  borrow(hex, version) {
    this.aside ??= this.past;
    this.past = new History();
    if (version) this.choose(this.type, version);
    toDraft();
    this.editBytes(hex, "");
  }

  /** Takes up the draft that was laid aside. */
  giveBack() {
    if (!this.aside) return;
    this.past = this.aside;
    this.aside = undefined;
    toDraft();
    this.restore(this.past.current);
  }

  /** The draft as text, to be edited where there are no keys for the grid. */
  openText() {
    const { hex } = this;
    this.choose("raw");
    this.raw.value = spaced(hex);
    this.changed();
    this.raw.focus();
  }

  /**
   * @param {Record<string, any>} made a packet's form
   * @param {string} [version]
   */
  buildForm(made, version) {
    this.breaks?.fill(made.override);
    this.choose(made.type, version ?? made.version);
    this.arrange();
    if (this.fieldset) fillForm(this.fieldset, made);
    this.changed();
  }

  /**
   * @param {string} type
   * @param {Record<string, string | boolean>} values by key
   */
  build(type, values) {
    this.choose(type);
    this.breaks?.fill();
    for (const [key, value] of Object.entries(values)) {
      const control = this.fieldset?.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (control instanceof HTMLInputElement && typeof value === "boolean") control.checked = value;
      else if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) control.value = String(value);
    }
    this.changed();
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {string} what is changed in it; "" if each change is one of its own
 */
function keyOf(target) {
  if (target instanceof HTMLSelectElement) return target.name;
  if (target instanceof HTMLInputElement && target.type === "checkbox") return "";
  return target instanceof HTMLElement ? target.id || target.dataset.key || target.dataset.part || "row" : "";
}

/**
 * @param {HTMLElement} view
 * @returns {import("./breaks.js").Settable[] | null} null: the same as before
 */
function settableOf(view) {
  if (view.querySelector('[data-same$=".settable"]')) return null;
  return JSON.parse(view.querySelector(".settable")?.textContent || "null") ?? [];
}

/**
 * @param {HTMLElement} view
 * @returns {string}
 */
function heldOf(view) {
  return view.querySelector("[data-held]")?.getAttribute("data-held") ?? "";
}

customElements.define("packet-builder", PacketBuilder);
