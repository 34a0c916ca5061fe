// The teacher's board: draws a class as it moves, and says to the server what
// the teacher wants of it.

import { json } from "./api.js";
import { BoardRow } from "./board-row.js";
import { say } from "./say.js";
import { Stream } from "./stream.js";
import { complain, toast } from "./toast.js";
import { visible } from "./visible.js";

/**
 * @typedef {{lab: string, step: string, check: number, byte?: number, want?: string, got?: string, given?: string}} Mistake
 * @typedef {{id: string, nickname: string, here: boolean, lab: string, since: number, tries: number, last: Mistake | null, passed: Record<string, number>}} Row
 * @typedef {{name: string, locked: boolean, paused: boolean, ended: boolean}} State
 * @typedef {{rev: number, now: number, state: State, students: number, order?: string[], rows: Row[], clusters: (Mistake & {students: string[]})[]}} Board
 * @typedef {{id: string, number: number, title: string, steps: {id: string, title: string}[]}} Lab
 */

class ClassBoard extends HTMLElement {
  /** @type {Map<string, BoardRow>} */
  rows = new Map();
  /** @type {string[]} */
  joined = [];
  /** @type {State | null} */
  state = null;
  ahead = 0; // milliseconds by which the server's clock is ahead of this one's

  connectedCallback() {
    this.path = `/api/classes/${this.dataset.class}`;
    /** @type {Lab[]} */
    this.labs = JSON.parse(document.getElementById("board-labs")?.textContent || "[]");
    this.body = this.querySelector("tbody");
    this.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button[data-act]") : null;
      if (button instanceof HTMLElement) void this.act(button);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void this.push(event.target);
    });
    this.addEventListener("change", (event) => {
      if (event.target instanceof HTMLElement && event.target.matches("[data-board=hide], [data-board=order]")) {
        this.sort();
        this.drawClusters();
      }
    });
    this.stream = new Stream(`${this.path}/live`, 0, (message) => this.take(message), (state) => {
      const live = this.place("live");
      if (live) {
        live.dataset.state = state;
        live.textContent = say(`board.${state}`);
      }
    });
    setInterval(() => this.tick(), 1000);
  }

  /** @param {string} name @returns {HTMLElement | null} */
  place(name) {
    return this.querySelector(`[data-board="${name}"]`);
  }

  get hides() {
    const box = this.place("hide");
    return box instanceof HTMLInputElement && box.checked;
  }

  /** What a student is called on this board. @param {string} id */
  nickname(id) {
    const row = this.rows.get(id);
    if (!row) return "";
    return this.hides ? say("board.hidden", { n: this.joined.indexOf(id) + 1 }) : visible(row.row.nickname);
  }

  /** @param {Board} board */
  take(board) {
    if (this.stream) this.stream.since = board.rev;
    this.state = board.state;
    this.ahead = board.now - Date.now();
    if (board.state.ended) {
      this.stream?.end();
      toast(say("board.deleted"));
      setTimeout(() => location.assign("/class"), 1500);
      return;
    }
    if (board.order) this.joined = board.order;
    if (board.students === 0) this.joined = [];
    for (const row of board.rows) {
      const known = this.rows.get(row.id);
      if (known) known.row = row;
      else this.rows.set(row.id, new BoardRow(row));
    }
    for (const [id, row] of this.rows) {
      if (this.joined.includes(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    this.clusters = board.clusters;
    for (const row of board.rows) this.rows.get(row.id)?.draw(this.labs ?? [], this.nickname(row.id));
    this.sort(board.order !== undefined || this.by === "stuck");
    this.drawState();
    this.drawClusters();
    this.tick();
  }

  drawState() {
    const { state } = this;
    if (!state) return;
    for (const [name, act, on] of /** @type {[string, string, boolean][]} */ ([["paused", "pause", state.paused], ["locked", "lock", state.locked]])) {
      const sign = this.place(name);
      if (sign) sign.hidden = !on;
      this.querySelector(`[data-act="${act}"]`)?.setAttribute("aria-pressed", String(on));
    }
    const count = this.place("count");
    const here = [...this.rows.values()].filter((row) => row.row.here).length;
    if (count) count.textContent = say("board.count", { n: this.joined.length, here });
    const nobody = this.place("nobody");
    if (nobody) nobody.hidden = this.joined.length > 0;
    const table = this.querySelector("table");
    if (table) table.hidden = this.joined.length === 0;
  }

  get by() {
    const select = this.place("order");
    return select instanceof HTMLSelectElement ? select.value : "joined";
  }

  /** Puts the rows in order. @param {boolean} [moved] they may be in another one */
  sort(moved = true) {
    for (const [id, row] of this.rows) row.call(this.nickname(id));
    if (!moved || !this.body) return;
    const at = new Map(this.joined.map((id, i) => [id, i]));
    const all = [...this.rows.values()];
    all.sort((a, b) => {
      if (this.by === "name" && !this.hides) return a.row.nickname.localeCompare(b.row.nickname);
      if (this.by === "stuck") return Number(a.idle(this.labs ?? [])) - Number(b.idle(this.labs ?? [])) || a.row.since - b.row.since;
      return (at.get(a.row.id) ?? 0) - (at.get(b.row.id) ?? 0);
    });
    const now = [...this.body.children];
    if (all.some((row, i) => now[i] !== row.element)) this.body.replaceChildren(...all.map((row) => row.element));
  }

  tick() {
    for (const row of this.rows.values()) row.tick(Date.now() + this.ahead, this.labs ?? []);
  }

  drawClusters() {
    const list = this.place("clusters");
    const none = this.place("no-clusters");
    if (!list || !none) return;
    const all = (this.clusters ?? []).slice(0, 8);
    none.hidden = all.length > 0;
    list.replaceChildren(...all.map((cluster) => this.cluster(cluster)));
  }

  /** @param {Mistake & {students: string[]}} c @returns {HTMLElement} */
  cluster(c) {
    const item = document.createElement("li");
    const n = c.students.length;
    const many = document.createElement("b");
    many.textContent = n === 1 ? say("board.student") : say("board.students", { n });
    const what = document.createElement("span");
    what.className = "mono";
    what.textContent = mistake(c);
    const where = document.createElement("span");
    where.className = "quiet";
    const lab = this.labs?.find((l) => l.id === c.lab);
    where.textContent = [lab?.title ?? c.lab, lab?.steps.find((s) => s.id === c.step)?.title ?? c.step].join(" · ");
    const who = document.createElement("span");
    who.className = "quiet";
    who.textContent = c.students.slice(0, 12).map((id) => this.nickname(id)).join(", ") + (n > 12 ? " …" : "");
    item.append(many, what, where, who);
    return item;
  }

  /** @param {HTMLElement} button */
  async act(button) {
    const { path, state } = this;
    if (!path) return;
    const student = button.closest("tr")?.dataset.student ?? "";
    try {
      switch (button.dataset.act) {
        case "pause":
          await json("PUT", path, { paused: !state?.paused });
          break;
        case "lock":
          await json("PUT", path, { locked: !state?.locked });
          break;
        case "present":
          button.setAttribute("aria-pressed", String(document.body.classList.toggle("is-presented")));
          break;
        case "remove":
          if (confirm(say("board.sure-remove", { nickname: this.nickname(student) }))) await json("DELETE", `${path}/students/${student}`);
          break;
        case "link": {
          const { link } = await json("POST", `${path}/links`, {});
          const shown = this.place("link");
          if (shown) {
            shown.hidden = false;
            shown.textContent = say("board.link", { link: location.origin + link });
          }
          break;
        }
        case "delete":
          if (confirm(say("board.sure-delete", { class: state?.name ?? "" }))) await json("DELETE", path);
          break;
      }
    } catch (error) {
      complain(error);
    }
  }

  /** @param {HTMLFormElement} form */
  async push(form) {
    try {
      await json("POST", `${this.path}/push`, { kind: form.dataset.push, ...Object.fromEntries(new FormData(form)) });
      toast(say("board.shown", { n: this.joined.length }));
      for (const field of form.querySelectorAll("input")) field.value = "";
    } catch (error) {
      complain(error);
    }
  }
}

/** What a mistake is, in words. @param {Mistake} m */
function mistake(m) {
  if (m.given) return say("board.cluster-given", { given: visible(m.given) });
  const byte = m.byte ?? 0;
  if (!m.got) return say("board.cluster-short", { byte, want: m.want ?? "" });
  if (!m.want) return say("board.cluster-long", { byte, got: m.got });
  return say("board.cluster-byte", { byte, got: m.got, want: m.want });
}

customElements.define("class-board", ClassBoard);
