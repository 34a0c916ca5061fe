// Returns the texts of the page that a reader of Chinese would see, hear or be
// shown in English: a list of "where: text". allowed are expressions for names
// that are the same in every language.
(allowed) => {
  const names = allowed.map((a) => new RegExp(a, "g"));
  const english = (text) => {
    const rest = names.reduce((t, name) => t.replace(name, " "), text);
    return /\p{Script=Latin}{2}/u.test(rest);
  };
  const foreign = "code, pre, kbd, samp, script, style, template, [lang=en], option[value=en], .settable";
  const found = new Set();
  const where = (e) => {
    const path = [];
    for (let at = e; at && at !== document.body && path.length < 4; at = at.parentElement) {
      path.unshift(at.localName + (at.id ? "#" + at.id : at.classList[0] ? "." + at.classList[0] : ""));
    }
    return path.join(" > ");
  };
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const element = node instanceof Element ? node : node.parentElement;
    if (!element || element.closest(foreign)) continue;
    if (node instanceof Text) {
      const text = node.data.trim();
      if (text && english(text)) found.add(where(element) + ": " + text.replace(/\s+/g, " ").slice(0, 160));
      continue;
    }
    for (const name of ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt"]) {
      const text = element.getAttribute(name);
      if (text && english(text)) found.add(`${where(element)} [${name}]: ${text.slice(0, 160)}`);
    }
  }
  return [...found];
}
