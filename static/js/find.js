// The filter box over the ladder: a filter in Wireshark's syntax, or plain
// words, over what was and what comes; with completions, and mistakes shown at
// their place.

import { json } from "./api.js";
import { latest, settled } from "./latest.js";
import { part } from "./part.js";
import { say as text } from "./say.js";
import { complain, toast } from "./toast.js";

/** @typedef {import("./ladder.js").FlowLadder} FlowLadder */
/** @typedef {{text: string, label: string, kind: string, from: number, to: number}} Completion */

const findings = `mqttlab.severity == "error" || mqttlab.severity == "warning"`;

/**
 * @param {FlowLadder} ladder
 * @param {string} bench
 */
export function startFind(ladder, bench) {
  const form = part(ladder, ".find");
  const input = /** @type {HTMLInputElement} */ (part(form, "input[role=combobox]"));
  const said = part(form, ".find-said");
  const path = `/api/benches/${bench}/find`;
  const list = new Completions(input, part(form, ".find-list"), () => apply());
  let applied = ""; // the filter that rows pass now; "": all do
  let run = 0; // numbers searches, so that an older one stops
  let next = 1; // where the search goes on
  let found = 0;
  let searching = 0; // the search that asks now; 0: none does
  let grown = false; // rows came while it asked

  const apply = () => {
    const wanted = input.value.trim();
    if (wanted === applied) return;
    applied = wanted;
    run++;
    input.removeAttribute("aria-invalid");
    said.hidden = wanted === "";
    said.classList.remove("is-unfinished");
    if (wanted === "") {
      const at = ladder.chosen;
      ladder.layout.filter(false);
      ladder.clear();
      if (at > 0) ladder.go(at);
      else ladder.toTail();
      return;
    }
    begin();
  };

  const begin = () => {
    next = 1;
    found = 0;
    ladder.layout.filter(true);
    ladder.clear();
    ladder.follow = true;
    ladder.later();
    void goOn(run);
  };

  /** @param {number} mine the search that this belongs to */
  const goOn = async (mine) => {
    if (searching === mine) {
      grown = true;
      return;
    }
    searching = mine;
    try {
      for (let more = true; more && mine === run; ) {
        grown = false;
        const query = new URLSearchParams({ filter: applied, from: String(next), notes: "1", lang: document.documentElement.lang });
        const answer = await json("GET", `${path}?${query}`);
        if (mine !== run) return;
        if (answer.mistake) {
          refuse(answer.mistake);
          return;
        }
        next = answer.next;
        found += answer.packets;
        ladder.layout.match(answer.numbers);
        ladder.later();
        more = (answer.next < answer.end || grown) && !ladder.paused;
        tell(answer, more);
      }
    } catch (error) {
      if (mine === run) complain(error);
    } finally {
      if (searching === mine) searching = 0;
    }
  };

  /**
   * @param {{plain: boolean, expression: string}} answer
   * @param {boolean} more whether the search goes on
   */
  const tell = (answer, more) => {
    const format = (/** @type {number} */ n) => n.toLocaleString(document.documentElement.lang);
    const count = text(more ? "find.counting" : "find.count", { found: format(found), all: format(ladder.layout.packets) });
    const line = document.createElement("p");
    line.textContent = count;
    said.replaceChildren(line);
    if (answer.plain) {
      const code = document.createElement("code");
      code.textContent = code.title = answer.expression;
      const how = document.createElement("p");
      how.className = "find-plain";
      how.append(text("find.plain"), " ", code);
      said.append(how);
    }
    if (found === 0 && !more) said.append(Object.assign(document.createElement("p"), { textContent: text("find.none") }));
  };

  /** @param {{offset: number, length?: number, detail: string, mend: string, mended?: string}} mistake */
  const refuse = (mistake) => {
    input.setAttribute("aria-invalid", "true");
    ladder.layout.filter(false); // all rows rather than none
    ladder.clear();
    ladder.later();
    const [from, to] = [mistake.offset, mistake.offset + (mistake.length ?? 0)];
    const letters = [...applied]; // not what is typed by now
    said.classList.toggle("is-unfinished", to >= letters.length);
    const code = document.createElement("code");
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(from, to).join("") || text("find.here");
    code.append(letters.slice(0, from).join(""), mark, letters.slice(to).join(""));
    const line = document.createElement("p");
    line.className = "find-mistake";
    line.append(code);
    said.replaceChildren(line, Object.assign(document.createElement("p"), { textContent: mistake.detail }));
    const { mended } = mistake;
    if (mended) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: mistake.mend });
      button.addEventListener("click", () => {
        input.value = mended;
        input.focus();
        apply();
      });
      said.append(button);
    }
  };

  const soon = settled(350, apply);
  input.addEventListener("input", () => {
    list.ask();
    soon();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  input.addEventListener("keydown", (event) => {
    if (list.onKey(event) || event.key !== "Escape") return;
    event.preventDefault();
    input.value = "";
    apply();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
  const more = settled(250, () => {
    if (applied !== "" && !input.hasAttribute("aria-invalid")) void goOn(run);
  });
  ladder.addEventListener("grown", () => {
    if (applied !== "") more();
  });
  ladder.addEventListener("restarted", () => {
    if (applied === "") return;
    run++;
    begin();
  });

  form.querySelector("[data-next-finding]")?.addEventListener("click", async (event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    try {
      const from = Math.max(ladder.chosen + 1, ladder.layout.first);
      const n = (await firstOf(path, findings, from, Infinity)) ?? (await firstOf(path, findings, 1, from));
      if (n === undefined) toast(text("find.no-finding"));
      else ladder.go(n);
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
      button.focus();
    }
  });
}

/**
 * @param {string} path
 * @param {string} filter
 * @param {number} from
 * @param {number} to
 * @returns {Promise<number | undefined>} the first packet that passes, before `to`
 */
async function firstOf(path, filter, from, to) {
  for (let at = from; at < to; ) {
    const answer = await json("GET", `${path}?${new URLSearchParams({ filter, from: String(at), limit: "1" })}`);
    if (answer.numbers.length > 0) return answer.numbers[0] < to ? answer.numbers[0] : undefined;
    if (answer.next >= answer.end) return undefined;
    at = answer.next;
  }
  return undefined;
}

/** What may stand at the cursor, as a list below the box. */
class Completions {
  /** @type {Completion[]} */
  items = [];
  at = -1;
  value = ""; // for which they are

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} box
   * @param {() => void} chosen
   */
  constructor(input, box, chosen) {
    this.input = input;
    this.box = box;
    this.chosen = chosen;
    this.load = latest(
      (/** @type {string} */ value, _signal) => {
        const cursor = [...value.slice(0, input.selectionStart ?? value.length)].length;
        return json("GET", `/api/filter/complete?${new URLSearchParams({ filter: value, cursor: String(cursor), lang: document.documentElement.lang })}`);
      },
      (answer, value) => this.show(value, answer.items),
      () => this.hide(),
    );
    input.addEventListener("blur", () => this.hide());
    input.addEventListener("focus", () => this.ask());
    box.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the focus stays in the box
      const item = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (item) this.take([...box.children].indexOf(item));
    });
  }

  ask() {
    this.narrow();
    void this.load(this.input.value);
  }

  /**
   * Keeps of the list what still fits when more was typed at its end: what
   * stands there can be taken, though the answer for it is yet to come.
   */
  narrow() {
    if (this.box.hidden) return;
    const value = this.input.value;
    const letters = [...value];
    const end = [...this.value].length;
    const fits = (/** @type {Completion} */ item) => value.startsWith(this.value) && item.to === end && item.text.startsWith(letters.slice(item.from).join(""));
    this.show(value, this.items.filter(fits).map((item) => ({ ...item, to: letters.length })));
  }

  /**
   * @param {string} value for which they were asked
   * @param {Completion[]} items
   */
  show(value, items) {
    if (value !== this.input.value || document.activeElement !== this.input) return;
    const chosen = this.items[this.at]?.text;
    this.value = value;
    const letters = [...value];
    this.items = items.filter((item) => letters.slice(item.from, item.to).join("") !== item.text);
    this.at = -1;
    this.box.replaceChildren(...this.items.map((item, i) => {
      const row = document.createElement("li");
      row.id = `find-item-${i}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.append(Object.assign(document.createElement("code"), { textContent: item.text }), Object.assign(document.createElement("span"), { textContent: item.label }));
      return row;
    }));
    this.box.hidden = this.items.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.box.hidden));
    const again = this.items.findIndex((item) => item.text === chosen);
    if (again >= 0) this.select(again);
    else this.input.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.box.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was for the list
   */
  onKey(event) {
    if (this.box.hidden || this.value !== this.input.value) return false;
    switch (event.key) {
      case "ArrowDown": this.select((this.at + 1) % this.items.length); break;
      case "ArrowUp": this.select((this.at < 0 ? this.items.length : this.at) - 1); break;
      case "Escape": this.hide(); break;
      case "Tab":
      case "Enter":
        if (this.at < 0) {
          this.hide();
          return false;
        }
        this.take(this.at);
        break;
      default: return false;
    }
    event.preventDefault();
    return true;
  }

  /** @param {number} at */
  select(at) {
    this.at = Math.max(0, at);
    [...this.box.children].forEach((row, i) => {
      row.setAttribute("aria-selected", String(i === this.at));
      if (i !== this.at) return;
      row.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", row.id);
    });
  }

  /** @param {number} at */
  take(at) {
    const item = this.items[at];
    if (!item) return;
    const letters = [...this.input.value];
    const before = letters.slice(0, item.from).join("") + item.text;
    const rest = letters.slice(item.to).join("");
    this.input.value = `${before}${rest.startsWith(" ") ? "" : " "}${rest}`;
    this.input.setSelectionRange(before.length + 1, before.length + 1);
    this.hide();
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
