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
    const rows = [...list.querySelectorAll("[data-row]")].map(readAll);
    values[list.getAttribute("data-list") ?? ""] = list.hasAttribute("data-scalars") ? rows.map((row) => Object.values(row)[0]) : rows;
  }
  return values;
}

/**
 * Shows and hides controls that are there only when another one is on.
 * @param {Element} fieldset
 */
export function applyNeeds(fieldset) {
  for (const part of fieldset.querySelectorAll("[data-need]")) {
    const need = part.getAttribute("data-need");
    if (!need) continue;
    const control = fieldset.querySelector(`[data-key="${CSS.escape(need)}"]`);
    const on = control instanceof HTMLInputElement ? control.checked : control instanceof HTMLSelectElement && control.value !== "0";
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
}
