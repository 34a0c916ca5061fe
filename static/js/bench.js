// The bench page: joins its panes to the live stream.

import { json } from "./api.js";
import "./builder.js";
import { say } from "./bus.js";
import { ClientsPane } from "./clients.js";
import "./send-bar.js";
import "./wire-edit.js";
import "./bench-tools.js";
import { startFind } from "./find.js";
import { startGuide } from "./guide.js";
import { FlowLadder } from "./ladder.js";
import { Live } from "./live.js";
import { startSlot } from "./packet-slot.js";
import { startPanel } from "./panel.js";
import { say as text } from "./say.js";
import { settled } from "./latest.js";
import { startViews } from "./views.js";

const recent = 200; // events that the stream brings again on arrival, so that the last rows are there at once

class BenchPage extends HTMLElement {
  connectedCallback() {
    const bench = this.dataset.bench ?? "main";
    const ladder = this.querySelector("flow-ladder");
    const clients = this.querySelector("clients-pane");
    const state = this.querySelector(".live-state");
    if (!(ladder instanceof FlowLadder) || !(clients instanceof ClientsPane) || !(state instanceof HTMLElement)) return;
    startSlot(bench);
    startViews(this);
    startGuide(ladder);
    startFind(ladder, bench);
    startPanel(ladder, bench);
    void this.watch(bench, ladder, clients, state);
  }

  /**
   * @param {string} bench
   * @param {FlowLadder} ladder
   * @param {ClientsPane} clients
   * @param {HTMLElement} state
   */
  async watch(bench, ladder, clients, state) {
    const askClients = settled(300, () => void json("GET", `/api/benches/${bench}`).then((now) => clients.set(now.clients)).catch(() => {}));
    await ladder.catchUp();
    this.live = new Live(bench, {
      onEvents: (events) => {
        ladder.add(events);
        clients.follow(events);
        say("flow", null);
      },
      onHello: (hello) => {
        ladder.isAnother(hello.instance);
        ladder.head.setTime(hello.now);
        clients.set(hello.clients ?? []);
        for (const client of hello.clients ?? []) ladder.layout.rename(client.id, client.name);
        if (hello.next > ladder.layout.next) void ladder.catchUp();
      },
      onGap: () => {
        void ladder.catchUp();
        askClients();
      },
      onState: (now) => {
        state.dataset.state = now;
        state.textContent = text(`live.${now}`);
        if (now === "live") say("back", null);
      },
    }, Math.max(1, ladder.layout.next - recent));
  }
}

customElements.define("bench-page", BenchPage);
