// "Break a rule": fields that are set by hand, whatever the rest of the form
// says. The server says which fields the packet has.

/**
 * @typedef {{key: string, label: string, max: number, value: number, bytes: number, varint?: boolean}} Settable
 */

export class Breaks {
  /** @type {Settable[]} of the packet as it is now */
  fields = [];

  /** @param {HTMLElement} root the section of the form */
  constructor(root) {
    this.root = root;
    this.rows = root.querySelector(".list-rows");
    this.select = root.querySelector("select[data-break-add]");
    this.template = root.querySelector("template");
    this.select?.addEventListener("change", (event) => {
      event.stopPropagation();
      if (this.select instanceof HTMLSelectElement && this.select.value) this.set(this.select.value);
    });
    this.select?.addEventListener("input", (event) => event.stopPropagation());
  }

  /** @param {Settable[]} fields that the packet has now */
  offer(fields) {
    this.fields = fields;
    if (this.select instanceof HTMLSelectElement) {
      const first = this.select.options[0];
      const text = (/** @type {Settable} */ field) => `${field.label}: ${field.value}`;
      const now = [...this.select.options].slice(1).map((option) => `${option.value} ${option.text}`).join("\n");
      if (first && now !== fields.map((field) => `${field.key} ${text(field)}`).join("\n")) {
        this.select.replaceChildren(first, ...fields.map((field) => new Option(text(field), field.key)));
      }
      this.select.value = "";
    }
    for (const row of this.all) {
      const field = fields.find((f) => f.key === row.dataset.break);
      if (field) this.dress(row, field);
    }
    this.count();
  }

  /** @returns {HTMLElement[]} */
  get all() {
    return [...(this.rows?.children ?? [])].filter((row) => row instanceof HTMLElement);
  }

  /**
   * @param {HTMLElement} row
   * @param {Settable} field
   */
  dress(row, field) {
    const name = row.querySelector(".property-name");
    if (name) name.textContent = field.label;
    row.dataset.fields = field.key;
    for (const input of row.querySelectorAll("input")) {
      input.max = String(field.max);
      input.setAttribute("aria-label", field.label);
    }
    row.querySelector("[data-break-bytes]")?.toggleAttribute("hidden", !field.varint);
  }

  /**
   * @param {string} key
   * @returns {HTMLElement | null} its row, a new one if there was none
   */
  row(key) {
    const there = this.all.find((row) => row.dataset.break === key);
    if (there) return there;
    const row = this.template instanceof HTMLTemplateElement ? this.template.content.firstElementChild?.cloneNode(true) : null;
    if (!(row instanceof HTMLElement) || !this.rows) return null;
    row.dataset.break = key;
    const field = this.fields.find((f) => f.key === key);
    this.dress(row, field ?? { key, label: key, max: 2 ** 32 - 1, value: 0, bytes: 1, varint: key === "mqtt.len" || key.startsWith("mqtt.property_len") });
    this.rows.append(row);
    return row;
  }

  /** @param {string} key of a field that is now set by hand, to what it is */
  set(key) {
    const row = this.row(key);
    const input = row?.querySelector("input");
    const field = this.fields.find((f) => f.key === key);
    if (!row || !input) return;
    if (input.value === "") input.value = String(field?.value ?? 0);
    this.root.setAttribute("open", "");
    input.focus();
    input.select();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @returns {Record<string, number> | undefined} what is set, as the server takes it */
  get value() {
    /** @type {Record<string, number>} */
    const override = {};
    for (const row of this.all) {
      const key = row.dataset.break ?? "";
      const input = row.querySelector("input");
      const bytes = row.querySelector("select");
      if (input && input.value.trim() !== "") override[key] = Number(input.value);
      if (bytes && bytes.value !== "" && !bytes.closest("[hidden]")) override[`${key}.bytes`] = Number(bytes.value);
    }
    return Object.keys(override).length > 0 ? override : undefined;
  }

  /** @param {Record<string, number> | undefined} override */
  fill(override = {}) {
    const keys = new Set(Object.keys(override).map((key) => key.replace(/\.bytes$/, "")));
    for (const row of this.all) {
      if (!keys.has(row.dataset.break ?? "")) row.remove();
    }
    for (const key of keys) {
      const row = this.row(key);
      const input = row?.querySelector("input");
      const bytes = row?.querySelector("select");
      if (input) input.value = String(override[key] ?? "");
      if (bytes) bytes.value = String(override[`${key}.bytes`] ?? "");
    }
    this.count();
  }

  count() {
    const n = this.all.length;
    const badge = this.root.querySelector(".breaks-count");
    if (badge) badge.textContent = n > 0 ? String(n) : "";
  }
}
