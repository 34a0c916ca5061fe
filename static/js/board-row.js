// A student on the teacher's board.

import { say } from "./say.js";

/** @typedef {import("./board.js").Row} Row @typedef {import("./board.js").Lab} Lab */

const stuckAfter = 4 * 60; // seconds at a step, from which on the row is marked

export class BoardRow {
  /** @param {Row} row */
  constructor(row) {
    this.row = row;
    this.element = document.createElement("tr");
    this.element.dataset.student = row.id;
    const name = document.createElement("th");
    name.scope = "row";
    this.sign = document.createElement("span");
    this.sign.className = "board-here";
    this.name = document.createElement("bdi");
    name.append(this.sign, this.name);
    this.at = document.createElement("td");
    this.time = document.createElement("td");
    this.time.className = "mono";
    this.tries = document.createElement("td");
    this.tries.className = "mono";
    const labs = document.createElement("td");
    this.bar = document.createElement("span");
    this.bar.className = "board-bar";
    this.bar.setAttribute("role", "img");
    labs.append(this.bar);
    const last = document.createElement("td");
    const acts = document.createElement("div");
    acts.className = "row";
    last.append(acts);
    this.look = document.createElement("a");
    this.look.className = "button small";
    this.look.href = `/b/s-${row.id}`;
    this.look.textContent = say("board.look");
    this.remove = document.createElement("button");
    this.remove.type = "button";
    this.remove.className = "small";
    this.remove.dataset.act = "remove";
    this.remove.textContent = say("board.remove");
    acts.append(this.look, this.remove);
    this.element.append(name, this.at, this.time, this.tries, labs, last);
  }

  /** @param {string} nickname as the board shows it */
  call(nickname) {
    if (this.name.textContent === nickname) return;
    this.name.textContent = nickname;
    this.look.setAttribute("aria-label", say("board.look-at", { nickname }));
    this.remove.setAttribute("aria-label", say("board.remove-who", { nickname }));
  }

  /** Whether the student is at no step. @param {Lab[]} labs */
  idle(labs) {
    const lab = labs.find((l) => l.id === this.row.lab);
    return !lab || (this.row.passed[lab.id] ?? 0) >= lab.steps.length;
  }

  /** @param {Lab[]} labs @param {string} nickname */
  draw(labs, nickname) {
    const { row } = this;
    this.call(nickname);
    this.sign.dataset.here = String(row.here);
    this.sign.textContent = row.here ? "● " : "○ ";
    this.sign.title = say(row.here ? "board.here" : "board.away");
    this.sign.setAttribute("aria-label", this.sign.title);
    this.sign.setAttribute("role", "img");
    const lab = labs.find((l) => l.id === row.lab);
    this.at.replaceChildren();
    if (!lab) this.at.textContent = say("board.no-lab");
    else {
      const passed = row.passed[lab.id] ?? 0;
      const title = document.createElement("b");
      title.textContent = `${lab.number}. ${lab.title}`;
      const step = document.createElement("span");
      const at = lab.steps[passed];
      step.textContent = at ? say("board.step", { n: passed + 1, all: lab.steps.length, title: at.title }) : `✓ ${say("board.done", { all: lab.steps.length })}`;
      this.at.append(title, step);
    }
    this.tries.textContent = row.tries > 0 ? String(row.tries) : "";
    this.drawBar(labs);
  }

  /** One piece for each lab, as full as it is passed. @param {Lab[]} labs */
  drawBar(labs) {
    const { row } = this;
    let done = 0;
    let steps = 0;
    const pieces = labs.map((lab) => {
      const n = Math.min(row.passed[lab.id] ?? 0, lab.steps.length);
      steps += n;
      if (n === lab.steps.length) done++;
      const piece = document.createElement("span");
      piece.dataset.lab = lab.id;
      piece.dataset.state = n === 0 ? "none" : n === lab.steps.length ? "done" : "some";
      piece.title = say("board.lab", { title: lab.title, n, all: lab.steps.length });
      piece.style.setProperty("--full", `${(100 * n) / lab.steps.length}%`);
      if (n === lab.steps.length) piece.textContent = "✓";
      return piece;
    });
    this.bar.replaceChildren(...pieces);
    this.bar.setAttribute("aria-label", say("board.labs", { n: done, all: labs.length, steps }));
  }

  /** @param {number} now milliseconds, on the server's clock @param {Lab[]} labs */
  tick(now, labs) {
    const idle = this.idle(labs);
    const seconds = Math.max(0, Math.floor((now - this.row.since) / 1000));
    const text = idle ? "" : seconds < 60 ? say("board.seconds", { s: seconds }) : say("board.minutes", { m: Math.floor(seconds / 60), s: seconds % 60 });
    if (this.time.textContent !== text) this.time.textContent = text;
    this.element.toggleAttribute("data-stuck", !idle && seconds >= stuckAfter);
  }
}
