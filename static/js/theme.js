// The theme switch: as the system says, light, dark. And that for large type,
// to be read from the back of a room.

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

class TypeSwitch extends HTMLElement {
  connectedCallback() {
    this.show();
    this.addEventListener("click", () => {
      const { dataset } = document.documentElement;
      if (dataset.type) delete dataset.type;
      else dataset.type = "large";
      try {
        localStorage.setItem("type", dataset.type ?? "");
      } catch {
        // It then lasts as long as the page.
      }
      this.show();
    });
  }

  show() {
    this.querySelector("button")?.setAttribute("aria-pressed", String(document.documentElement.dataset.type === "large"));
  }
}

customElements.define("theme-switch", ThemeSwitch);
customElements.define("type-switch", TypeSwitch);
