// Makes an element like a newer one and keeps what is the same: the focus, the
// scroll positions and what somebody has opened stay as they are.

/**
 * Elements of `to` with data-same stand for parts that are to stay as they are,
 * whatever has become of their places.
 * @param {Element} from in the page; it becomes like `to`
 * @param {Element} to of the same kind
 * @returns {boolean} false: `from` lacks such a part, and is as it was
 */
export function morph(from, to) {
  /** @type {Parts} */
  const parts = new Map();
  const same = to.querySelectorAll("[data-same]");
  if (same.length > 0) {
    for (const part of from.querySelectorAll("[data-part]")) parts.set(part.getAttribute("data-part"), part);
    for (const one of same) if (!parts.has(one.getAttribute("data-same"))) return false;
  }
  become(from, to, parts);
  return true;
}

/** @typedef {Map<string | null, Element>} Parts by name */

/**
 * @param {Element} from
 * @param {Element} to
 * @param {Parts} parts
 */
function become(from, to, parts) {
  attributes(from, to);
  if (to.hasAttribute("data-lazy") && !to.firstElementChild) return; // filled by somebody else
  children(from, to, parts);
}

/**
 * @param {Element} from
 * @param {Element} to
 */
function attributes(from, to) {
  // Whether a <details> stands open is the reader's affair.
  const mine = from instanceof HTMLDetailsElement ? "open" : "";
  for (const { name } of [...from.attributes]) {
    if (name !== mine && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (name !== mine && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

/**
 * @param {Node} from
 * @param {Node} to
 * @param {Parts} parts
 */
function children(from, to, parts) {
  let old = from.firstChild;
  for (let wanted = to.firstChild; wanted;) {
    const next = wanted.nextSibling;
    const same = wanted instanceof Element && wanted.hasAttribute("data-same") ? parts.get(wanted.getAttribute("data-same")) : undefined;
    const kept = same ? behind(old, same) : find(old, wanted);
    if (same && !kept) {
      from.insertBefore(same, old);
    } else if (kept) {
      while (old && old !== kept) old = remove(old);
      if (same) { /* as it is */ }
      else if (kept instanceof Element && wanted instanceof Element) become(kept, wanted, parts);
      else if (kept.nodeValue !== wanted.nodeValue) kept.nodeValue = wanted.nodeValue;
      old = kept.nextSibling;
    } else {
      from.insertBefore(wanted, old);
      if (wanted instanceof Element) {
        for (const one of wanted.querySelectorAll("[data-same]")) one.replaceWith(parts.get(one.getAttribute("data-same")) ?? "");
      }
    }
    wanted = next;
  }
  while (old) old = remove(old);
}

/**
 * @param {ChildNode} node
 * @returns {ChildNode | null} the one behind it
 */
function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/**
 * @param {ChildNode | null} old
 * @param {Element} part
 * @returns {ChildNode | null} the part, if it is `old` or stands behind it
 */
function behind(old, part) {
  while (old && old !== part) old = old.nextSibling;
  return old;
}

/**
 * @param {Node} node
 * @returns {string} what tells it from its neighbours
 */
function nameOf(node) {
  if (!(node instanceof Element)) return node.nodeName;
  const own = node.id || node.getAttribute("data-part") || node.getAttribute("data-keep") || node.getAttribute("data-explains") || "";
  return `${node.nodeName} ${own} ${own ? "" : node.classList[0] ?? ""}`;
}

/**
 * The node that becomes `wanted`: the next one of its kind. What stands before
 * it is dropped, so nothing far away is taken.
 * @param {ChildNode | null} old
 * @param {Node} wanted
 * @returns {ChildNode | null}
 */
function find(old, wanted) {
  const name = nameOf(wanted);
  for (let far = 0; old && far < 8; far++, old = old.nextSibling) {
    if (nameOf(old) === name) return old;
  }
  return null;
}
