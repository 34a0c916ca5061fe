// Fills the builder's form with the JSON that formValue reads from it.

import { spaced } from "./actions.js";

/**
 * @param {Record<string, any>} values
 * @param {string} path such as "will.topic"
 * @returns {unknown}
 */
function get(values, path) {
  /** @type {any} */
  let at = values;
  for (const key of path.split(".")) at = at?.[key];
  return at;
}

/**
 * Sets a control, unless it says so already: the caret then stays where it is.
 * @param {Element} control
 * @param {unknown} value
 */
function set(control, value) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") {
    control.checked = Boolean(value);
    return;
  }
  if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement)) return;
  const text = String(value ?? "");
  if (control.value === text) return;
  if (control instanceof HTMLSelectElement && ![...control.options].some((option) => option.value === text)) {
    control.add(new Option(`0x${Number(text).toString(16).toUpperCase().padStart(2, "0")}`, text)); // a code that has no name
  }
  control.value = text;
}

/**
 * @param {Element} root of the controls: a fieldset, or a row of a list
 * @param {Record<string, any>} values
 */
function fillAll(root, values) {
  for (const control of root.querySelectorAll("[data-key]")) {
    const inner = control.closest("[data-row]");
    if (inner && inner !== root) continue;
    const key = control.getAttribute("data-key") ?? "";
    if (control.getAttribute("data-kind") === "use") {
      const used = key.replace(/^use\./, "");
      set(control, get(values, used) !== undefined || get(values, `${used}_hex`) !== undefined);
      continue;
    }
    const digits = get(values, `${key}_hex`);
    const box = root.querySelector(`[data-hex-of="${CSS.escape(key)}"]`);
    if (box instanceof HTMLInputElement) {
      if (typeof digits === "string") box.checked = true;
      else if (get(values, key)) box.checked = false;
    }
    const value = typeof digits === "string" ? spaced(digits) : get(values, key);
    // What is not there keeps what was filled in, to come back with its flag.
    if (value === undefined && away(key, values)) continue;
    set(control, value ?? (control instanceof HTMLInputElement && control.type === "checkbox" ? false : control instanceof HTMLSelectElement || control.getAttribute("data-kind") === "number" ? 0 : ""));
  }
}

/**
 * @param {string} key
 * @param {Record<string, any>} values
 * @returns {boolean} whether the control is not there at all, rather than empty
 */
function away(key, values) {
  if (key === "username" || key === "password") return true;
  if (key === "packet_id") return values.qos === undefined || values.qos === 0;
  return key.includes(".") && get(values, key.split(".")[0] ?? "") === undefined;
}

/**
 * @param {Element} list
 * @param {unknown[]} rows
 */
function fillList(list, rows) {
  const place = list.querySelector(".list-rows");
  const template = list.querySelector("template");
  if (!place || !template) return;
  while (place.children.length > rows.length) place.lastElementChild?.remove();
  while (place.children.length < rows.length) place.append(template.content.cloneNode(true));
  rows.forEach((row, i) => {
    const at = place.children[i];
    if (!at) return;
    if (!list.hasAttribute("data-scalars")) fillAll(at, /** @type {Record<string, any>} */ (row));
    else for (const control of at.querySelectorAll("[data-key]")) set(control, row);
  });
}

/**
 * The row of a property.
 * @param {Element} editor
 * @param {string} name
 * @returns {HTMLElement | null}
 */
export function propertyRow(editor, name) {
  const option = editor.querySelector(`[data-property-add] option[value="${CSS.escape(name)}"]`);
  if (!(option instanceof HTMLOptionElement)) return null;
  const template = editor.querySelector(`template[data-kind="${CSS.escape(option.dataset.kind ?? "")}"]`);
  const row = template instanceof HTMLTemplateElement ? template.content.firstElementChild?.cloneNode(true) : null;
  if (!(row instanceof HTMLElement)) return null;
  row.dataset.property = name;
  row.dataset.field = option.dataset.field;
  const label = row.querySelector(".property-name");
  if (label) label.textContent = option.text;
  for (const input of row.querySelectorAll("input")) {
    input.setAttribute("aria-label", [option.text, input.placeholder].filter(Boolean).join(", "));
    if (option.dataset.max) input.max = option.dataset.max;
  }
  return row;
}

/**
 * @param {Element} editor
 * @param {Record<string, any>[]} properties
 */
function fillProperties(editor, properties) {
  const place = editor.querySelector(".list-rows");
  if (!place) return;
  const names = [...place.children].map((row) => row.getAttribute("data-property"));
  if (names.join() !== properties.map((property) => property.name).join()) {
    place.replaceChildren(...properties.map((property) => propertyRow(editor, property.name)).filter((row) => row !== null));
  }
  properties.forEach((property, i) => {
    for (const input of place.children[i]?.querySelectorAll("[data-part]") ?? []) {
      const part = input.getAttribute("data-part") ?? "";
      set(input, part === "hex" ? spaced(property[part] ?? "") : property[part]);
    }
  });
}

/**
 * @param {Element} fieldset of one packet type
 * @param {Record<string, any>} values
 */
export function fillForm(fieldset, values) {
  const given = { ...values };
  given.clean_session = given.clean_start = values.clean_session || values.clean_start; // one bit, two names
  fillAll(fieldset, given);
  for (const list of fieldset.querySelectorAll("[data-list]")) {
    const rows = get(values, list.getAttribute("data-list") ?? "");
    fillList(list, Array.isArray(rows) ? rows : []);
  }
  for (const editor of fieldset.querySelectorAll("[data-properties]")) {
    const rows = get(values, editor.getAttribute("data-properties") ?? "");
    fillProperties(editor, Array.isArray(rows) ? rows : []);
  }
}
