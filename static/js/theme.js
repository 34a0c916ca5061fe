// The theme switch: as the system says, light, dark.

const names = /** @type {const} */ (["auto", "light", "dark"]);
const labels = { auto: "auto, as the system says", light: "light", dark: "dark" };

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
    this.querySelector("button")?.setAttribute("aria-label", `Theme: ${labels[this.current]}`);
    const name = this.querySelector(".theme-name");
    if (name) name.textContent = this.current;
  }
}

customElements.define("theme-switch", ThemeSwitch);
