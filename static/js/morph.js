// Makes an element like a newer one and keeps what is the same: the focus, the
// scroll positions and what somebody has opened stay as they are.

/**
 * @param {Element} from in the page; it becomes like `to`
 * @param {Element} to of the same kind
 */
export function morph(from, to) {
  attributes(from, to);
  if (to.hasAttribute("data-lazy") && !to.firstElementChild) return; // filled by somebody else
  children(from, to);
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
 */
function children(from, to) {
  let old = from.firstChild;
  for (let wanted = to.firstChild; wanted;) {
    const next = wanted.nextSibling;
    const kept = find(old, wanted);
    if (kept) {
      while (old && old !== kept) old = remove(old);
      if (kept instanceof Element && wanted instanceof Element) morph(kept, wanted);
      else if (kept.nodeValue !== wanted.nodeValue) kept.nodeValue = wanted.nodeValue;
      old = kept.nextSibling;
    } else {
      from.insertBefore(wanted, old);
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
 * @param {Node} node
 * @returns {string} what tells it from its neighbours
 */
function nameOf(node) {
  if (!(node instanceof Element)) return node.nodeName;
  const own = node.id || node.getAttribute("data-keep") || node.getAttribute("data-explains") || "";
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
