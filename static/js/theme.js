// The theme switch: as the system says, light, dark.

import { say } from "./say.js";

const names = /** @type {const} */ (["auto", "light", "dark"]);

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.show();
    this.addEventListener("click", () => {
      const next = names[(names.indexOf(this.current) + 1) % names.length] ?? "auto";
      document.documentElement.dataset.theme = next;
      try {
        localStorage.setItem("theme", next);
      } catch {
        // It then lasts as long as the page.
      }
      this.show();
    });
  }

  /** @returns {"auto" | "light" | "dark"} */
  get current() {
    return names.find((name) => name === document.documentElement.dataset.theme) ?? "auto";
  }

  show() {
    this.querySelector("button")?.setAttribute("aria-label", say(`theme.button-${this.current}`));
    const name = this.querySelector(".theme-name");
    if (name) name.textContent = say(`theme.${this.current}`);
  }
}

customElements.define("theme-switch", ThemeSwitch);
