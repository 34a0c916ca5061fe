// The reference's filter: hides what does not contain the words typed. Without
// JavaScript the server does the same.

class ReferenceFilter extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    const output = this.querySelector("output");
    const form = this.querySelector("form");
    const nothing = document.querySelector(".reference-nothing");
    if (!input || !output || !form || !nothing || input.value !== "") return; // a filtered page has not all entries
    const entries = [...document.querySelectorAll(".entry")].map((entry) => ({ entry, text: `${entry.id} ${entry.textContent}`.toLowerCase() }));
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { entry, text } of entries) {
        const fits = words.every((word) => text.includes(word));
        entry.toggleAttribute("hidden", !fits);
        if (fits) shown++;
      }
      output.textContent = (output.dataset.shown ?? "#").replace("#", String(shown));
      nothing.toggleAttribute("hidden", shown > 0);
    };
    input.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
  }
}

customElements.define("reference-filter", ReferenceFilter);
