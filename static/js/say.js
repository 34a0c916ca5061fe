// The page's texts in its language: the messages of the catalogue whose keys
// begin with "js.", which the server puts into every page.

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("messages")?.textContent || "{}");

/**
 * A text with its {placeholders} filled in, of which {n:byte|bytes} is the first word where n is 1. The values are not markup: the
 * result belongs into textContent or an attribute.
 * @param {string} key without "js."
 * @param {Record<string, string | number>} [args]
 */
export function say(key, args = {}) {
  const text = texts[key];
  if (text === undefined) return `⟦${key}⟧`;
  return text.replace(/\{([a-z0-9_]+)(?::([^|{}]*)\|([^|{}]*))?\}/g, (all, name, one, many) =>
    one === undefined ? String(args[name] ?? all) : String(args[name]) === "1" ? one : many);
}
