// The hex grid's keys: one cell is in the tab order, arrows move among them.

class HexGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.move(event));
    this.addEventListener("focusin", (event) => {
      if (event.target instanceof HTMLElement && event.target.matches(".x")) this.rove(event.target);
    });
  }

  /** @returns {HTMLElement[]} */
  get cells() {
    return [...this.querySelectorAll(".x")].filter((cell) => cell instanceof HTMLElement);
  }

  /** @param {HTMLElement} cell */
  rove(cell) {
    for (const other of this.querySelectorAll('.x[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    cell.tabIndex = 0;
  }

  /** @returns {number} how many cells stand in a row as it is drawn now */
  get perRow() {
    const cells = this.cells;
    const top = cells[0]?.offsetTop;
    const next = cells.findIndex((cell) => cell.offsetTop !== top);
    return next < 0 ? cells.length : next;
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    if (!(event.target instanceof HTMLElement) || !event.target.matches(".x")) return;
    const cells = this.cells;
    const at = cells.indexOf(event.target);
    const row = this.perRow;
    const start = at - (at % row);
    /** @type {number | undefined} */
    let to;
    switch (event.key) {
      case "ArrowRight": to = at + 1; break;
      case "ArrowLeft": to = at - 1; break;
      case "ArrowDown": to = at + row; break;
      case "ArrowUp": to = at - row; break;
      case "Home": to = event.ctrlKey ? 0 : start; break;
      case "End": to = event.ctrlKey ? cells.length - 1 : Math.min(start + row, cells.length) - 1; break;
      case "Enter":
      case " ":
        event.preventDefault();
        event.target.click();
        return;
      default: return;
    }
    event.preventDefault();
    cells[to]?.focus();
  }
}

customElements.define("hex-grid", HexGrid);
