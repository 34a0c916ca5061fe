// Buttons inside the server's fragments: data-do says what they do.

import { fragment } from "./api.js";
import { say as tell } from "./bus.js";
import { say } from "./say.js";
import { complain, toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
  if (!(button instanceof HTMLElement)) return;
  switch (button.dataset.do) {
    case "open":
      tell("open", { hex: button.dataset.hex ?? "" });
      break;
    case "set":
      tell("set", { key: button.dataset.key ?? "" });
      break;
    case "text":
      tell("text", null);
      break;
    case "copy-as":
      await offerCopies(button);
      break;
    case "copy-text":
      await copy(button.parentElement?.querySelector("pre")?.textContent ?? "", say("copied"));
      break;
    case "copy-link":
      await copy(new URL(button.dataset.href ?? "", location.href).href, say("copy.link-copied"));
      break;
  }
});

/**
 * Shows what a packet's bytes, or those of the whole draft, can be copied as.
 * @param {HTMLElement} button
 */
async function offerCopies(button) {
  const box = document.getElementById("copy-as");
  const place = box?.querySelector("[data-copy-here]");
  if (!box || !place) return;
  const packet = button.closest("[data-hex]");
  const hex = button.closest(".draft")?.getAttribute("data-bytes") ?? packet?.getAttribute("data-hex") ?? "";
  try {
    place.innerHTML = await fragment("POST", "/ui/copy", { hex, version: packet?.getAttribute("data-version") ?? "" }); // made by our server, which escapes what it shows
    box.showPopover();
    box.querySelector("button")?.focus();
  } catch (error) {
    complain(error);
  }
}

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
    toast(say("copy.refused"), text);
  }
}
