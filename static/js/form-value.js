// Reads the builder's form as the JSON that the server takes. The controls say
// how: data-key (a path), data-kind, data-list around rows.

/**
 * @param {Record<string, any>} into
 * @param {string} path such as "will.topic"
 * @param {unknown} value
 */
function put(into, path, value) {
  const keys = path.split(".");
  const last = keys.pop() ?? path;
  for (const key of keys) into = into[key] ??= {};
  into[last] = value;
}

/**
 * @param {Element} control
 * @returns {unknown} undefined: not to be sent
 */
function read(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement)) return undefined;
  if (control.dataset.kind === "other" && control.value === "") return undefined;
  if (control.dataset.kind !== "number") return control.value;
  return control.value.trim() === "" ? undefined : Number(control.value);
}

/**
 * @param {Element} root of the controls
 * @returns {Record<string, any>}
 */
function readAll(root) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const control of root.querySelectorAll("[data-key]")) {
    const kind = control.getAttribute("data-kind");
    const inner = control.closest("[data-row]");
    if (kind === "use" || control.closest("[hidden]") || (inner && inner !== root)) continue;
    let key = control.getAttribute("data-key") ?? "";
    let value = read(control);
    if (value === undefined) continue;
    const hex = root.querySelector(`[data-hex-of="${CSS.escape(key)}"]`);
    if (hex instanceof HTMLInputElement && hex.checked) {
      key += "_hex";
      value = String(value).replace(/\s+/g, "");
    }
    put(values, key, value);
  }
  return values;
}

/**
 * @param {Element} fieldset of one packet type
 * @returns {Record<string, any>}
 */
export function formValue(fieldset) {
  const values = readAll(fieldset);
  for (const list of fieldset.querySelectorAll("[data-list]")) {
    if (list.closest("[hidden]")) continue;
    const rows = [...list.querySelectorAll("[data-row]")].map(readAll);
    values[list.getAttribute("data-list") ?? ""] = list.hasAttribute("data-scalars") ? rows.map((row) => Object.values(row)[0]) : rows;
  }
  for (const editor of fieldset.querySelectorAll("[data-properties]")) {
    const rows = editor.closest("[hidden]") ? [] : [...editor.querySelectorAll("[data-property]")].map(readProperty);
    if (rows.length > 0) put(values, editor.getAttribute("data-properties") ?? "", rows);
  }
  return values;
}

/**
 * @param {Element} row of a property
 * @returns {Record<string, any>}
 */
function readProperty(row) {
  /** @type {Record<string, any>} */
  const property = { name: row.getAttribute("data-property") };
  for (const input of row.querySelectorAll("[data-part]")) {
    if (!(input instanceof HTMLInputElement)) continue;
    const part = input.dataset.part ?? "";
    property[part] = input.type === "number" ? Number(input.value) : part === "hex" ? input.value.replace(/\s+/g, "") : input.value;
  }
  return property;
}

/**
 * Shows and hides controls that are there only in some versions, or when
 * another one is on.
 * @param {Element} fieldset
 * @param {string} version
 */
export function applyNeeds(fieldset, version) {
  for (const part of fieldset.querySelectorAll("[data-need], [data-versions]")) {
    const need = part.getAttribute("data-need");
    const versions = part.getAttribute("data-versions");
    let on = !versions || versions.split(" ").includes(version);
    if (need) {
      const control = fieldset.querySelector(`[data-key="${CSS.escape(need)}"]`);
      on &&= control instanceof HTMLInputElement ? control.checked : control instanceof HTMLSelectElement && control.value !== "0";
    }
    part.toggleAttribute("hidden", !on);
  }
}

/**
 * Names the fields that each row of a list writes: the first has the plain
 * names, the second "~2" behind them.
 * @param {Element} fieldset
 */
export function numberRows(fieldset) {
  for (const list of fieldset.querySelectorAll("[data-list]")) {
    list.querySelectorAll("[data-row]").forEach((row, i) => {
      for (const part of row.querySelectorAll("[data-field-names]")) {
        const names = (part.getAttribute("data-field-names") ?? "").split(" ");
        part.setAttribute("data-fields", names.map((name) => (i > 0 ? `${name}~${i + 1}` : name)).join(" "));
      }
      for (const control of row.querySelectorAll("[data-key]")) control.removeAttribute("id");
    });
  }
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const row of fieldset.querySelectorAll("[data-property]")) {
    const name = row.getAttribute("data-field") ?? "";
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    row.setAttribute("data-fields", n > 1 ? `${name}~${n}` : name);
  }
}
