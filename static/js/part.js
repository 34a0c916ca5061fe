// Finds the parts that a component's markup always has.

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement} the first element that matches
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`the page lacks ${selector}`);
}
