// Buttons inside the server's fragments: data-do says what they do.

import { say } from "./bus.js";
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
  if (!(button instanceof HTMLElement)) return;
  switch (button.dataset.do) {
    case "copy":
      await copy(spaced(button.closest("[data-hex]")?.getAttribute("data-hex") ?? ""), "Copied.");
      break;
    case "open":
      say("open", { hex: button.dataset.hex ?? "" });
      break;
    case "set":
      say("set", { key: button.dataset.key ?? "" });
      break;
    case "text":
      say("text", null);
      break;
  }
});

/**
 * @param {string} hex
 * @returns {string} the same with a space after each byte
 */
export const spaced = (hex) => hex.replace(/../g, "$& ").trim();

/**
 * @param {string} text
 * @param {string} done what to say when it worked
 */
export async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    toast("The browser does not let this page use the clipboard. Copy it by hand:", text);
  }
}
